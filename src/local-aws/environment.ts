import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { InvalidSettings } from '../settings.ts';
import type { LocalAwsOptions } from './local-aws.ts';
import type { LoopbackPort } from './loopback-server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the environment for a run on local AWS: the given variables, and those of
 * `config/local.env` that are not given. The variables that decide which AWS account is used come
 * from the file alone: a developer's shell often holds real credentials.
 */
export function localEnvironment(environment: Environment): Environment {
  const file = parse(readFileSync(new URL('../../config/local.env', import.meta.url)));
  const fromFileOnly = Object.entries(file).filter(([name]) =>
    /^(AWS_|STEP_FUNCTIONS_|STATUS_TABLE$)/.test(name),
  );
  return { ...file, ...environment, ...Object.fromEntries(fromFileOnly) };
}

/**
 * Returns the ports on which local AWS listens; 0 means any free port.
 *
 * @throws {InvalidSettings} with one line for each invalid variable
 */
export function readPorts(
  environment: Environment,
): LocalAwsOptions['ports'] & { readonly console: LoopbackPort } {
  const wrong: string[] = [];
  const port = (variable: string) => {
    const text = environment[variable] ?? '';
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
      wrong.push(`${variable} is wrong: expected a whole number from 0 to 65535`);
    }
    return { port: Number(text), variable };
  };
  const ports = {
    stepFunctions: port('LOCAL_STEP_FUNCTIONS_PORT'),
    dynamoDb: port('LOCAL_DYNAMODB_PORT'),
    sqs: port('LOCAL_SQS_PORT'),
    apiGateway: port('LOCAL_API_GATEWAY_PORT'),
    console: port('LOCAL_CONSOLE_PORT'),
  };
  if (wrong.length > 0) throw new InvalidSettings(wrong.join('\n'));
  return ports;
}
