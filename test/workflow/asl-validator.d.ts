/** The part of asl-validator 4 that we use; it ships no types. */
declare module 'asl-validator' {
  function validate(definition: object): {
    isValid: boolean;
    errorsText(separator?: string): string;
  };
  export = validate;
}
