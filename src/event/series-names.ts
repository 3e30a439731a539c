/**
 * Names of two series of a timeline that stand for no single value: the events that lack the field, and those of all values beyond the most
 * frequent ones. The store writes them, the page's charts read them.
 */
export const NO_VALUE = '(none)';
export const OTHER = '(other)';
