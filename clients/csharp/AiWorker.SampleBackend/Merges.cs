using System;
using System.Collections.Generic;
using System.Linq;
using AiWorker.Client;

namespace AiWorker.SampleBackend
{
    /// <summary>A merge that the worker is to be told of.</summary>
    internal sealed class WaitingMerge
    {
        internal WaitingMerge(long id, Guid source, Guid target, string idempotencyKey)
        {
            Id = id;
            Source = source;
            Target = target;
            IdempotencyKey = idempotencyKey;
        }

        internal long Id { get; }

        internal Guid Source { get; }

        internal Guid Target { get; }

        internal string IdempotencyKey { get; }
    }

    /// <summary>A merge that cannot be made here, in a sentence for whoever asked for it.</summary>
    internal sealed class MergeException : Exception
    {
        internal MergeException(string message) : base(message) { }
    }

    /// <summary>
    /// Merge-forward: a merge is made here at once, and put down as the worker's to be told of, in one transaction. So it
    /// can be made while the worker is down, and is never half made. The worker is told at least once; that a merge may
    /// be repeated there makes it exactly once.
    /// </summary>
    internal sealed class Merges
    {
        private readonly Database _database;

        internal Merges(Database database)
        {
            _database = database;
        }

        /// <summary>Makes two people one; how many faces moved, and where they are.</summary>
        /// <exception cref="MergeException">Nothing was changed.</exception>
        internal (int Moved, Guid Target) Merge(Guid source, Guid target) =>
            _database.InTransaction(statements =>
            {
                Guid from = Known(statements, source), to = Known(statements, target);
                if (from == to)
                    throw new MergeException(source + " and " + target + " are one person already.");
                int moved = Redirects.Move(statements, from, to);
                statements.Execute(
                    "INSERT INTO merges (source_id, target_id, idempotency_key, state) VALUES (@0, @1, @2, 'waiting')",
                    from, to, Guid.NewGuid());
                return (moved, to);
            });

        /// <summary>The oldest merge that the worker does not know of; null when it knows of all.</summary>
        internal WaitingMerge Next() =>
            _database.InTransaction(statements => statements.Query(
                "SELECT id, source_id, target_id, idempotency_key FROM merges WHERE state = 'waiting' ORDER BY id LIMIT 1",
                row => new WaitingMerge(row.GetInt64(0), Guid.Parse(row.GetString(1)), Guid.Parse(row.GetString(2)), row.GetString(3)))
                .SingleOrDefault());

        internal long CountWaiting() => _database.InTransaction(statements => CountWaiting(statements));

        internal static long CountWaiting(Statements statements) =>
            statements.Count("SELECT COUNT(*) FROM merges WHERE state = 'waiting'");

        /// <summary>
        /// Notes that the worker knows of a merge. When it had merged the target away itself meanwhile, the faces are in
        /// another cluster there, and follow here; unless the target was merged away here too, which the worker is told
        /// of next.
        /// </summary>
        internal void Delivered(WaitingMerge merge, Guid survivor) =>
            _database.InTransaction(statements =>
            {
                statements.Execute("UPDATE merges SET state = 'delivered' WHERE id = @0", merge.Id);
                Guid here = Redirects.Resolve(statements, survivor);
                if (here != merge.Target && Redirects.Resolve(statements, merge.Target) == merge.Target)
                    Redirects.Move(statements, merge.Target, here);
            });

        /// <summary>Notes that the worker will never make a merge; its word on these faces is taken by the next refresh.</summary>
        internal void Refused(WaitingMerge merge, AiWorkerProblemException problem) =>
            _database.InTransaction(statements =>
            {
                statements.Execute(
                    "UPDATE merges SET state = 'refused', problem_code = @1, problem_detail = @2 WHERE id = @0",
                    merge.Id, problem.Code, problem.Problem.Detail);
                // The faces were moved here, and nothing happens to them there.
                Refresh.Forget(statements);
            });

        /// <summary>Where a cluster is that has faces here, or had.</summary>
        private static Guid Known(Statements statements, Guid cluster)
        {
            Guid id = Redirects.Resolve(statements, cluster);
            if (statements.Count("SELECT COUNT(*) FROM faces WHERE cluster_id = @0", id) == 0)
                throw new MergeException("There is no person " + cluster + "; see 'people' for those there are.");
            return id;
        }
    }
}
