using System;
using System.Linq;

namespace AiWorker.SampleBackend
{
    /// <summary>Where clusters went that were merged away.</summary>
    internal static class Redirects
    {
        /// <summary>Where a cluster is after every merge that is known here; itself when it was never merged away.</summary>
        internal static Guid Resolve(Statements statements, Guid cluster) =>
            statements.Query(
                "SELECT target_id FROM cluster_redirects WHERE cluster_id = @0",
                row => Guid.Parse(row.GetString(0)), cluster).DefaultIfEmpty(cluster).Single();

        /// <summary>Moves a cluster's faces into another, and every redirect to it; how many faces moved.</summary>
        internal static int Move(Statements statements, Guid source, Guid target)
        {
            int moved = statements.Execute(
                "UPDATE faces SET cluster_id = @1 WHERE cluster_id = @0", source, target);
            statements.Execute(
                "UPDATE cluster_redirects SET target_id = @1 WHERE target_id = @0",
                source, target);
            // The target is there, whatever was known of it.
            statements.Execute(
                "DELETE FROM cluster_redirects WHERE cluster_id IN (@0, @1)", source, target);
            statements.Execute(
                "INSERT INTO cluster_redirects (cluster_id, target_id) VALUES (@0, @1)",
                source, target);
            return moved;
        }
    }
}
