import { startStepFunctionsStub } from './stub.ts';

// To be forked, with the stub's options as JSON in the first argument: sends the stub's URL to its
// parent and ends with it. A stub in a process of its own takes no time from the one measured.
const stub = await startStepFunctionsStub(JSON.parse(process.argv[2] ?? '{}'));
process.once('disconnect', () => process.exit());
process.send?.(stub.url);
