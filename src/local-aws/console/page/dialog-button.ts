import { h, type TargetedEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from './button.ts';
import { useSubmit } from './use-submit.ts';

interface DialogButtonProps {
  readonly label: string;
  readonly isPrimary?: boolean;
  readonly title: string;
  /** The label of the text field. */
  readonly field: string;
  /** Returns the text of the field until the user edits it. Called when the dialog is opened. */
  readonly initial: () => string;
  readonly rows: number;
  readonly action: string;
  /** If it rejects, the dialog stays open and shows the error. */
  readonly submit: (value: string) => Promise<void>;
}

/** A button that opens a dialog with one text field. */
export function DialogButton(props: DialogButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Kept when the dialog is closed, because Escape closes it too.
  const [draft, setDraft] = useState<string>();
  const [initial, setInitial] = useState('');
  const [openings, setOpenings] = useState(0);
  const value = draft ?? initial;
  const { submit, isSubmitting, failure, setFailure } = useSubmit(async () => {
    await props.submit(value);
    dialog.current?.close();
    setDraft(undefined);
  });
  const open = () => {
    setInitial(props.initial());
    setFailure('');
    setOpenings(openings + 1);
  };
  useLayoutEffect(() => {
    if (openings === 0) return;
    dialog.current?.showModal();
    // Chromium puts the cursor, and a long text, at the end.
    dialog.current?.querySelector('textarea')?.setSelectionRange(0, 0);
  }, [openings]);
  const undo = () => {
    setDraft(undefined);
    dialog.current?.querySelector('textarea')?.focus();
  };
  return [
    h(
      'button',
      { type: 'button', class: props.isPrimary ? 'primary' : undefined, onClick: open },
      props.label,
    ),
    h(
      'dialog',
      { ref: dialog, 'aria-label': props.title },
      h(
        'form',
        { onSubmit: submit },
        h('h2', null, props.title),
        h(
          'label',
          null,
          h('span', null, props.field),
          h('textarea', {
            rows: props.rows,
            spellCheck: false,
            value,
            onInput: ({ currentTarget }: TargetedEvent<HTMLTextAreaElement>) =>
              setDraft(currentTarget.value),
          }),
        ),
        failure && h('p', { class: 'banner bad', role: 'alert' }, failure),
        h(
          'div',
          { class: 'buttons' },
          h(Button, { class: 'primary', isDisabled: isSubmitting }, props.action),
          h('button', { type: 'button', onClick: () => dialog.current?.close() }, 'Close'),
          initial !== '' &&
            value !== initial &&
            h('button', { type: 'button', onClick: undo }, 'Undo the changes'),
        ),
      ),
    ),
  ];
}
