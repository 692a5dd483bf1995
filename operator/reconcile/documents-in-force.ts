import { decodeAssignment } from '../../common/assignment/decode-document.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import type { GroupName } from '../../common/ids.ts';
import type { ConfigMap, KubeObject } from '../../common/kube/objects.ts';
import type { Store } from '../../common/kube/store.ts';
import { messageOf } from '../../common/message-of.ts';
import type { OperatorLog } from '../log.ts';
import { ASSIGNMENT_FILE } from '../resources/monitor-files.ts';
import { groupObjectName } from '../resources/names.ts';

/** The documents that groups' ConfigMaps hold. Each version of a ConfigMap is read once: with 200 groups they are 20 MB. */
export class DocumentsInForce {
  readonly #maps: Store<KubeObject>;
  readonly #namespace: string;
  readonly #log: OperatorLog;
  readonly #read = new WeakMap<KubeObject, AssignmentDocument | null>();

  constructor(maps: Store<KubeObject>, namespace: string, log: OperatorLog) {
    this.#maps = maps;
    this.#namespace = namespace;
    this.#log = log;
  }

  /**
   * null: none, or one that cannot be read.
   *
   * @param planned what it should say: given back as it is if the ConfigMap says just that
   */
  of(group: GroupName, planned: AssignmentDocument | null = null): AssignmentDocument | null {
    const map = this.#maps.get(`${this.#namespace}/${groupObjectName(group)}`);
    const text = (map as ConfigMap | undefined)?.data?.[ASSIGNMENT_FILE];
    if (map === undefined || text === undefined) return null;
    if (planned !== null && encodeAssignment(planned) === text) {
      this.#read.delete(map);
      return planned;
    }
    let document = this.#read.get(map);
    if (document === undefined) {
      document = this.#decode(group, text);
      this.#read.set(map, document);
    }
    return document;
  }

  #decode(group: GroupName, text: string): AssignmentDocument | null {
    try {
      return decodeAssignment(text);
    } catch (error) {
      this.#log
        .about('ConfigMap', `${this.#namespace}/${groupObjectName(group)}`)
        .warning(`its ${ASSIGNMENT_FILE} cannot be read and is written anew: ${messageOf(error)}`);
      return null;
    }
  }
}
