import type { HttpHandlerOptions } from '@smithy/types';

/** The options of a call, passed through all middleware together with its input. */
export interface CallOptions {
  readonly options: HttpHandlerOptions;
}

/** @param args the arguments of a middleware, whose SDK type does not include the options */
export function optionsOf(args: object): HttpHandlerOptions {
  return hasOptions(args) ? args.options : {};
}

function hasOptions(args: object): args is CallOptions {
  return 'options' in args;
}
