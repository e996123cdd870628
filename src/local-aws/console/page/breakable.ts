import { type ComponentChild, h } from 'preact';

/** A name such as `MapIterationSucceeded`, which breaks between its words if it is too long for a line. */
export function breakable(name: string): ComponentChild {
  return name
    .split(/(?<=[a-z])(?=[A-Z])/)
    .flatMap((word, index) => (index === 0 ? word : [h('wbr', null), word]));
}
