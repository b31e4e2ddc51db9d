using System;
using System.Collections.Generic;
using System.Linq;

namespace AiWorker.SampleBackend
{
    /// <summary>One person of this backend.</summary>
    internal sealed class Person
    {
        internal Person(Guid clusterId, IList<string> fileIds)
        {
            ClusterId = clusterId;
            FileIds = fileIds;
        }

        internal Guid ClusterId { get; }

        /// <summary>The photos it is in, one for each face.</summary>
        internal IList<string> FileIds { get; }
    }

    /// <summary>Who is in the photos, by what is stored here; the worker is not asked.</summary>
    internal sealed class People
    {
        private readonly Database _database;

        internal People(Database database)
        {
            _database = database;
        }

        /// <summary>Everybody, with most faces first.</summary>
        internal IList<Person> All() =>
            _database.InTransaction(statements => statements.Query(
                "SELECT cluster_id, file_id FROM faces ORDER BY cluster_id, file_id, position",
                row => (Cluster: Guid.Parse(row.GetString(0)), File: row.GetString(1))))
            .GroupBy(face => face.Cluster, face => face.File)
            .Select(person => new Person(person.Key, person.ToList()))
            .OrderByDescending(person => person.FileIds.Count)
            .ThenBy(person => person.FileIds[0], StringComparer.Ordinal)
            .ToList();
    }
}
