import { readDefinition } from './definition.ts';

process.stdout.write(`${JSON.stringify(readDefinition(), null, 2)}\n`);
