import { InvalidWorkflow } from '../workflow/definition.ts';
import { deployment } from './app.ts';
import { InvalidStage } from './stage.ts';

try {
  deployment().app.synth();
} catch (error) {
  if (!(error instanceof InvalidWorkflow || error instanceof InvalidStage)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
