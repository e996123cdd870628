import type { preHandlerHookHandler, preValidationHookHandler } from 'fastify';
import { yieldIfLarge } from '../http/large-bodies.ts';
import { normaliseMemberNames } from './request.ts';

const preValidation: preValidationHookHandler = (request, _reply, done) => {
  request.body = normaliseMemberNames(request.body);
  yieldIfLarge(request, done);
};

const preHandler: preHandlerHookHandler = (request, _reply, done) => yieldIfLarge(request, done);

/** The hooks of every route whose body is an onboarding request. */
export const onboardingRequestHooks = { preValidation, preHandler };
