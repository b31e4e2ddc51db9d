/** What the worker holds of people, asked of itself, to compare with what was before a correction. */
import type { Worker } from './worker';

interface Listed {
  cluster_id: string;
  faces: number;
  representative_face_id: string;
  hidden: boolean;
}

interface Known {
  representative: string;
  hidden: boolean;
  merged: string[];
  distinct: string[];
  unsure: string[];
  /** Ids of faces, with a sign where somebody placed them. */
  faces: string[];
}

export async function listPeople(worker: Worker): Promise<Listed[]> {
  return (await worker.call<{ clusters: Listed[] }>('GET', '/api/clusters?sort=faces&limit=1000')).clusters;
}

/** Everybody with faces and marks. */
export async function everything(worker: Worker): Promise<Record<string, Known>> {
  const known: Record<string, Known> = {};
  for (const { cluster_id, hidden, representative_face_id } of await listPeople(worker)) {
    const details = await worker.call<{ merged_cluster_ids: string[]; distinct_cluster_ids: string[] }>(
      'GET',
      `/api/clusters/${cluster_id}`,
    );
    const { faces } = await worker.call<{ faces: { face_id: string; corrected: boolean }[] }>(
      'GET',
      `/api/clusters/${cluster_id}/faces?limit=1000`,
    );
    const { similar } = await worker.call<{ similar: { cluster_id: string; unsure: boolean }[] }>(
      'GET',
      `/api/clusters/${cluster_id}/similar?limit=100`,
    );
    known[cluster_id] = {
      representative: representative_face_id,
      hidden,
      merged: [...details.merged_cluster_ids].sort(),
      distinct: [...details.distinct_cluster_ids].sort(),
      unsure: similar.flatMap((other) => (other.unsure ? [other.cluster_id] : [])).sort(),
      faces: faces.map((face) => face.face_id + (face.corrected ? ' placed' : '')).sort(),
    };
  }
  return known;
}

/** The person of a photo's largest face. */
export async function personIn(worker: Worker, fileId: string): Promise<string> {
  const file = await worker.call<{ faces: { cluster_id: string }[] }>('GET', `/api/files/${fileId}`);
  const [face] = file.faces;
  if (!face) throw new Error(`no face in ${fileId}`);
  return face.cluster_id;
}

export async function facesOf(worker: Worker, id: string): Promise<string[]> {
  const page = await worker.call<{ faces: { face_id: string }[] }>('GET', `/api/clusters/${id}/faces?limit=1000`);
  return page.faces.map((face) => face.face_id);
}
