using System;
using System.Collections.Generic;
using System.Linq;
using AiWorker.Client;

namespace AiWorker.SampleBackend
{
    /// <summary>A photo that is to be sent to the worker.</summary>
    internal sealed class WaitingPhoto
    {
        internal WaitingPhoto(string fileId, string source)
        {
            FileId = fileId;
            Source = source;
        }

        internal string FileId { get; }

        /// <summary>A URL that the worker can reach, or the path of a file here.</summary>
        internal string Source { get; }
    }

    /// <summary>The photos of this backend, and what the worker said of them.</summary>
    internal sealed class Photos
    {
        private readonly Database _database;

        internal Photos(Database database)
        {
            _database = database;
        }

        /// <summary>Puts photos down as to be sent, also those that were sent before.</summary>
        internal void Enqueue(IEnumerable<WaitingPhoto> photos) =>
            _database.InTransaction(statements =>
            {
                foreach (WaitingPhoto photo in photos)
                    if (statements.Execute(
                        "UPDATE photos SET source = @1, state = 'waiting' WHERE file_id = @0",
                        photo.FileId, photo.Source) == 0)
                        statements.Execute(
                            "INSERT INTO photos (file_id, source, state) VALUES (@0, @1, 'waiting')",
                            photo.FileId, photo.Source);
            });

        /// <summary>The next photos that are to be sent, in the order of their ids.</summary>
        internal IList<WaitingPhoto> Waiting(string after, int limit) =>
            _database.InTransaction(statements => statements.Query(
                "SELECT file_id, source FROM photos WHERE state = 'waiting' AND file_id > @0 ORDER BY file_id LIMIT @1",
                row => new WaitingPhoto(row.GetString(0), row.GetString(1)), after, limit));

        internal long CountWaiting() =>
            _database.InTransaction(statements => statements.Count("SELECT COUNT(*) FROM photos WHERE state = 'waiting'"));

        /// <summary>
        /// Stores what the worker saw in a photo, in place of what it saw before. Faces go where merges that were made
        /// here have moved their clusters, also when the worker did not know of them yet.
        /// </summary>
        internal void Store(ProcessAnswer answer) =>
            _database.InTransaction(statements =>
            {
                statements.Execute(
                    "UPDATE photos SET state = 'described', context = @1, problem_code = NULL, problem_detail = NULL " +
                    "WHERE file_id = @0", answer.FileId, answer.Context);
                statements.Execute("DELETE FROM photo_tags WHERE file_id = @0", answer.FileId);
                foreach ((string Tag, int Position) at in answer.Tags.Select((tag, position) => (tag, position)))
                    statements.Execute(
                        "INSERT INTO photo_tags (file_id, position, tag) VALUES (@0, @1, @2)",
                        answer.FileId, at.Position, at.Tag);
                statements.Execute("DELETE FROM faces WHERE file_id = @0", answer.FileId);
                foreach ((DescribedFace Face, int Position) at in answer.Faces.Select((face, position) => (face, position)))
                    Insert(statements, answer.FileId, at.Face, at.Position);
            });

        /// <summary>Notes the worker's problem with a photo, which is sent again unless that would be in vain.</summary>
        internal void Fail(string fileId, AiWorkerProblemException problem, bool refused) =>
            _database.InTransaction(statements => statements.Execute(
                "UPDATE photos SET state = @1, problem_code = @2, problem_detail = @3 WHERE file_id = @0",
                fileId, refused ? "refused" : "waiting", problem.Code,
                problem.Problem.Detail));

        private static void Insert(Statements statements, string fileId, DescribedFace face, int position) =>
            statements.Execute(
                "INSERT INTO faces (face_id, file_id, cluster_id, position, x1, y1, x2, y2, confidence, quality, age, gender) " +
                "VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11)",
                face.FaceId, fileId, Redirects.Resolve(statements, face.ClusterId),
                position, face.BoundingBox[0], face.BoundingBox[1],
                face.BoundingBox[2], face.BoundingBox[3], face.Confidence,
                face.Quality, face.Age, face.Gender);
    }
}
