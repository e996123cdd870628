import { InvalidWorkflow } from '../workflow/definition.ts';
import { deployment } from './app.ts';

try {
  deployment().app.synth();
} catch (error) {
  if (!(error instanceof InvalidWorkflow)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
