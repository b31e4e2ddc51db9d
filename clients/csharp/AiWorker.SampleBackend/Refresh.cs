using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.SampleBackend
{
    /// <summary>
    /// Takes over what was changed at the worker: clusters that it consolidated, and what others corrected there. It asks
    /// for what has happened there since the last time. The first time, and when the worker does not keep what happened
    /// for so long, it asks for every cluster that is known here.
    /// </summary>
    internal sealed class Refresh
    {
        private const int PageSize = 1000;

        private readonly IAiWorkerClient _client;
        private readonly Database _database;

        internal Refresh(IAiWorkerClient client, Database database)
        {
            _client = client;
            _database = database;
        }

        /// <summary>
        /// How many faces moved or went; null when nothing was changed because merges were made here meanwhile or wait
        /// to be delivered, of which the worker's answers cannot know.
        /// </summary>
        internal async Task<int?> RunAsync(CancellationToken cancellationToken)
        {
            long before = _database.InTransaction(LastMerge);
            IList<long> known = _database.InTransaction(statements => statements.Query(
                "SELECT position FROM worker_position", row => row.GetInt64(0)));
            Seen seen = (known.Count == 0 ? null : await ReadChangesAsync(known[0], cancellationToken).ConfigureAwait(false))
                ?? await ReadEverythingAsync(cancellationToken).ConfigureAwait(false);
            return _database.InTransaction(statements =>
            {
                if (Merges.CountWaiting(statements) > 0 || LastMerge(statements) != before)
                    return (int?)null;
                int changed = Apply(statements, seen);
                statements.Execute("DELETE FROM worker_position");
                statements.Execute("INSERT INTO worker_position (position) VALUES (@0)", seen.Position);
                return changed;
            });
        }

        /// <summary>Forgets how far this is a copy: something here is not as the worker says, and no change will say so.</summary>
        internal static void Forget(Statements statements) => statements.Execute("DELETE FROM worker_position");

        /// <summary>What the worker said.</summary>
        private sealed class Seen
        {
            /// <summary>Up to which change.</summary>
            internal long Position { get; set; }

            internal IDictionary<Guid, Guid> Places { get; } = new Dictionary<Guid, Guid>();

            internal IDictionary<Guid, Guid> Survivors { get; } = new Dictionary<Guid, Guid>();

            internal ISet<Guid> Gone { get; } = new HashSet<Guid>();
        }

        /// <summary>What has happened since; null when the worker does not keep it any more.</summary>
        private async Task<Seen> ReadChangesAsync(long position, CancellationToken cancellationToken)
        {
            var seen = new Seen { Position = position };
            ChangesPage page;
            do
            {
                try
                {
                    page = await _client.ListChangesAsync(seen.Position, PageSize, cancellationToken).ConfigureAwait(false);
                }
                catch (AiWorkerProblemException problem) when (problem.Code == ProblemCodes.ChangesGone)
                {
                    return null;
                }
                foreach (PeopleChange change in page.Changes)
                    Take(seen, change);
                seen.Position = page.Next;
            }
            while (page.Next < page.Latest);
            foreach (Guid cluster in seen.Survivors.Keys.ToList())
                while (seen.Survivors.TryGetValue(seen.Survivors[cluster], out Guid next))
                    seen.Survivors[cluster] = next;
            return seen;
        }

        /// <summary>The last that happened to a face or an id counts.</summary>
        private static void Take(Seen seen, PeopleChange change)
        {
            if (change.Kind == ChangeKinds.Face && change.ToClusterId != null)
            {
                seen.Gone.Remove(change.FaceId.Value);
                seen.Places[change.FaceId.Value] = change.ToClusterId.Value;
            }
            else if (change.Kind == ChangeKinds.Face)
            {
                seen.Places.Remove(change.FaceId.Value);
                seen.Gone.Add(change.FaceId.Value);
            }
            else if (change.Kind == ChangeKinds.Merged)
                seen.Survivors[change.FromClusterId.Value] = change.ToClusterId.Value;
            else if (change.Kind == ChangeKinds.Unmerged)
                seen.Survivors.Remove(change.ToClusterId.Value);
            else if (change.Kind == ChangeKinds.Deleted)
                seen.Survivors.Remove(change.FromClusterId.Value);
        }

        private async Task<Seen> ReadEverythingAsync(CancellationToken cancellationToken)
        {
            // Before anything is read: what happens meanwhile is taken over the next time, once more or not.
            ChangesPage now = await _client.ListChangesAsync(null, 1, cancellationToken).ConfigureAwait(false);
            var seen = new Seen { Position = now.Latest };
            IList<Guid> clusters = _database.InTransaction(statements => statements.Query(
                "SELECT DISTINCT cluster_id FROM faces", row => Guid.Parse(row.GetString(0))));
            foreach (Guid cluster in clusters)
                await ReadClusterAsync(cluster, seen, cancellationToken).ConfigureAwait(false);
            IList<Guid> faces = _database.InTransaction(statements => statements.Query(
                "SELECT face_id FROM faces", row => Guid.Parse(row.GetString(0))));
            foreach (Guid face in faces.Where(face => !seen.Places.ContainsKey(face)))
                try
                {
                    seen.Places[face] = (await _client.GetFaceAsync(face, cancellationToken).ConfigureAwait(false)).ClusterId;
                }
                catch (AiWorkerNotFoundException)
                {
                    seen.Gone.Add(face);
                }
            return seen;
        }

        private async Task ReadClusterAsync(Guid cluster, Seen seen, CancellationToken cancellationToken)
        {
            try
            {
                long? after = null;
                do
                {
                    FacePage page = await _client.ListFacesAsync(cluster, after, PageSize, cancellationToken).ConfigureAwait(false);
                    seen.Survivors[cluster] = page.ClusterId;
                    foreach (ClusterFace face in page.Faces)
                        seen.Places[face.FaceId] = page.ClusterId;
                    after = page.Next;
                }
                while (after != null);
            }
            catch (AiWorkerNotFoundException)
            {
                // Its faces, if they are anywhere, are asked for one by one.
            }
        }

        private static int Apply(Statements statements, Seen seen)
        {
            int changed = 0;
            foreach (KeyValuePair<Guid, Guid> place in seen.Places)
                changed += statements.Execute(
                    "UPDATE faces SET cluster_id = @1 WHERE face_id = @0 AND cluster_id <> @1",
                    place.Key, place.Value);
            foreach (Guid face in seen.Gone)
                changed += statements.Execute("DELETE FROM faces WHERE face_id = @0", face);
            foreach (KeyValuePair<Guid, Guid> survivor in seen.Survivors.Where(survivor => survivor.Key != survivor.Value))
                Redirects.Move(statements, survivor.Key, survivor.Value);
            // A cluster that was merged away here and has faces there was taken apart again.
            foreach (Guid cluster in seen.Places.Values.Distinct())
                statements.Execute("DELETE FROM cluster_redirects WHERE cluster_id = @0", cluster);
            return changed;
        }

        private static long LastMerge(Statements statements) =>
            statements.Count("SELECT COALESCE(MAX(id), 0) FROM merges");
    }
}
