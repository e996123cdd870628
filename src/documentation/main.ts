import { writeFileSync } from 'node:fs';
import { generatedDocuments } from './documents.ts';

for (const { file, text } of generatedDocuments()) writeFileSync(file, text);
