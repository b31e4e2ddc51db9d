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
    /// for every cluster that is known here, so run it as seldom as is bearable.
    /// </summary>
    internal sealed class Refresh
    {
        private const int PageSize = 1000;

        private readonly AiWorkerClient _client;
        private readonly Database _database;

        internal Refresh(AiWorkerClient client, Database database)
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
            IList<Guid> clusters = _database.InTransaction(statements => statements.Query(
                "SELECT DISTINCT cluster_id FROM faces", row => Guid.Parse(row.GetString(0))));
            var places = new Dictionary<Guid, Guid>();
            var survivors = new Dictionary<Guid, Guid>();
            foreach (Guid cluster in clusters)
                await ReadClusterAsync(cluster, places, survivors, cancellationToken).ConfigureAwait(false);
            IList<Guid> faces = _database.InTransaction(statements => statements.Query(
                "SELECT face_id FROM faces", row => Guid.Parse(row.GetString(0))));
            var gone = new List<Guid>();
            foreach (Guid face in faces.Where(face => !places.ContainsKey(face)))
                try
                {
                    places[face] = (await _client.GetFaceAsync(face, cancellationToken).ConfigureAwait(false)).ClusterId;
                }
                catch (AiWorkerNotFoundException)
                {
                    gone.Add(face);
                }
            return _database.InTransaction(statements =>
            {
                if (Merges.CountWaiting(statements) > 0 || LastMerge(statements) != before)
                    return (int?)null;
                return Apply(statements, places, survivors, gone);
            });
        }

        private async Task ReadClusterAsync(
            Guid cluster, IDictionary<Guid, Guid> places, IDictionary<Guid, Guid> survivors, CancellationToken cancellationToken)
        {
            try
            {
                long? after = null;
                do
                {
                    FacePage page = await _client.ListFacesAsync(cluster, after, PageSize, cancellationToken).ConfigureAwait(false);
                    survivors[cluster] = page.ClusterId;
                    foreach (ClusterFace face in page.Faces)
                        places[face.FaceId] = page.ClusterId;
                    after = page.Next;
                }
                while (after != null);
            }
            catch (AiWorkerNotFoundException)
            {
                // Its faces, if they are anywhere, are asked for one by one.
            }
        }

        private static int Apply(
            Statements statements, IDictionary<Guid, Guid> places, IDictionary<Guid, Guid> survivors, IEnumerable<Guid> gone)
        {
            int changed = 0;
            foreach (KeyValuePair<Guid, Guid> place in places)
                changed += statements.Execute(
                    "UPDATE faces SET cluster_id = @1 WHERE face_id = @0 AND cluster_id <> @1",
                    place.Key, place.Value);
            foreach (Guid face in gone)
                changed += statements.Execute("DELETE FROM faces WHERE face_id = @0", face);
            foreach (KeyValuePair<Guid, Guid> survivor in survivors.Where(survivor => survivor.Key != survivor.Value))
                Redirects.Move(statements, survivor.Key, survivor.Value);
            // A cluster that was merged away here and has faces there was taken apart again.
            foreach (Guid cluster in places.Values.Distinct())
                statements.Execute("DELETE FROM cluster_redirects WHERE cluster_id = @0", cluster);
            return changed;
        }

        private static long LastMerge(Statements statements) =>
            statements.Count("SELECT COALESCE(MAX(id), 0) FROM merges");
    }
}
