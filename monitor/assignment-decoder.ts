import { assignmentOf, decodeAssignment } from '../common/assignment/decode-document.ts';
import type { AssignmentDocument } from '../common/assignment/document.ts';
import { AssignmentError } from '../common/assignment/document-reader.ts';
import { messageOf } from '../common/message-of.ts';

/** @throws AssignmentError naming what is wrong with the document, and where */
export type AssignmentDecoder = (text: string) => AssignmentDocument;

/** How the documents in a file are written: YAML if its name ends in `.yaml` or `.yml`, else JSON. */
export async function assignmentDecoderFor(path: string): Promise<AssignmentDecoder> {
  if (!/\.ya?ml$/i.test(path)) return decodeAssignment;
  // Only people who write documents by hand need this.
  const { JSON_SCHEMA, load } = await import('js-yaml');
  return (text) => {
    let value: unknown;
    try {
      // Of the types of YAML only those that JSON has: a name that looks like a date stays a name.
      value = load(text, { schema: JSON_SCHEMA });
    } catch (error) {
      // A picture of the place follows in further lines.
      throw new AssignmentError(`the assignment is not YAML: ${messageOf(error).split('\n')[0]}`);
    }
    return assignmentOf(value);
  };
}
