import { type ComponentChildren, h } from 'preact';

interface ButtonProps {
  readonly isDisabled: boolean;
  /** Undefined for a button that submits its form. */
  readonly onClick?: () => void;
  readonly class?: string;
  readonly label?: string;
  readonly children?: ComponentChildren;
}

/** A button that keeps the focus while it is disabled, which the attribute `disabled` would take. */
export function Button({ isDisabled, onClick, class: name, label, children }: ButtonProps) {
  return h(
    'button',
    {
      type: onClick ? 'button' : 'submit',
      class: name,
      'aria-disabled': isDisabled,
      'aria-label': label,
      onClick: (event: Event) => {
        if (isDisabled) event.preventDefault();
        else onClick?.();
      },
    },
    children,
  );
}
