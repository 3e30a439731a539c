import { Help } from './part/help.tsx';
import { helpOpen, useKeys } from './part/keys.ts';
import { Nav } from './part/nav.tsx';
import { ErrorNotice } from './part/notice.tsx';
import { toast } from './part/copy.ts';
import { filterUnderCursor } from './part/value-menu.tsx';
import { TopLine } from './part/top-line.tsx';
import { page } from './state/address.ts';
import { loaded, loadFailure } from './state/pages.ts';

export function App() {
  useKeys({
    '?': () => (helpOpen.value = true),
    f: () => filterUnderCursor(false),
    F: () => filterUnderCursor(true),
  });
  const Page = loaded.value[page.value];
  return (
    <div class="frame">
      <Nav />
      <TopLine />
      {Page ? (
        <Page />
      ) : (
        <main>
          {loadFailure.value ? (
            <ErrorNotice failure={loadFailure.value} again={() => location.reload()} />
          ) : (
            <p class="working">Loading the page …</p>
          )}
        </main>
      )}
      <Help />
      <div class="toast" role="status" aria-live="polite">
        {toast.value !== null && <span>{toast.value}</span>}
      </div>
    </div>
  );
}
