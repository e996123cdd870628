import { writeFileSync } from 'node:fs';
import { generatedDocuments } from './generated-documents.ts';

for (const { file, text } of generatedDocuments()) writeFileSync(file, text);
