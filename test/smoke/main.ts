import { parseArgs } from 'node:util';
import { checksOf } from './checks.ts';
import { findStage } from './deployed-stage.ts';
import { startLocalTwin } from './local-twin.ts';
import { runChecks } from './run-checks.ts';

const { stage } = parseArgs({ options: { stage: { type: 'string' } } }).values;
const { SMOKE_URL: url, SMOKE_TOKEN: token } = process.env;
if (stage === undefined || !url) {
  process.stderr.write(
    'SMOKE_URL=https://api.example.com SMOKE_TOKEN=<access token> npm run smoke -- --stage dev\n' +
      'runs against the deployed stage dev; --stage="" is the default stage. It deploys nothing.\n',
  );
  process.exit(1);
}
const target = await findStage(stage, url.replace(/\/$/, ''), token).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
const local = await startLocalTwin();
const print = (line: string) => void process.stdout.write(`${line}\n`);
const isPassed = await runChecks(checksOf(target, local), print);
await local.close();
target.stepFunctions.destroy();
target.dynamoDb.destroy();
process.exitCode = isPassed ? 0 : 1;
