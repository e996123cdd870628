import type { SFNClient } from '@aws-sdk/client-sfn';
import { HttpRequest } from '@smithy/core/protocols';
import type {
  FinalizeRequestMiddleware,
  MetadataBearer,
  SelectedHttpAuthScheme,
} from '@smithy/types';
import { Signer } from './signer.ts';

/**
 * Signs each attempt with {@link Signer}, inside the SDK's own authentication scheme. The scheme
 * corrects the signing time from the responses if the clock of this machine is wrong.
 */
export function createSigning(config: SFNClient['config']) {
  const signer = new Signer(config.credentials, config.region);
  // The scheme reads the signer from this object and stores the clock offset in it.
  const signingConfig = { ...config, signer: async () => signer };

  return <Input extends object, Output extends MetadataBearer>({
    signer: scheme,
    identity,
    httpAuthOption,
  }: SelectedHttpAuthScheme): FinalizeRequestMiddleware<Input, Output> =>
    (next) =>
    async (args) => {
      if (!HttpRequest.isInstance(args.request))
        throw new TypeError('The request to sign is missing.');
      const properties = { ...httpAuthOption.signingProperties, config: signingConfig };
      const request = await scheme.sign(args.request, identity, properties);
      let result: Awaited<ReturnType<typeof next>>;
      try {
        result = await next({ ...args, request });
      } catch (error) {
        if (error instanceof Error) scheme.errorHandler?.(properties)(error);
        throw error;
      }
      scheme.successHandler?.(result.response, properties);
      return result;
    };
}
