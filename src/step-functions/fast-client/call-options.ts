import type { HttpHandlerOptions } from '@smithy/types';

/** A call's options, which travel beside its input through all middleware. */
export interface CallOptions {
  readonly options: HttpHandlerOptions;
}

/** @param args as the SDK types what a middleware receives */
export function optionsOf(args: object): HttpHandlerOptions {
  return hasOptions(args) ? args.options : {};
}

function hasOptions(args: object): args is CallOptions {
  return 'options' in args;
}
