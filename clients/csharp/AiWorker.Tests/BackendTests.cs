using System;
using System.Collections.Generic;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;
using AiWorker.SampleBackend;

namespace AiWorker.Tests
{
    /// <summary>The sample backend beside the built worker, with real models and photos.</summary>
    internal static class BackendTests
    {
        [Test]
        private static async Task A_merge_made_while_the_worker_is_down_is_delivered_later()
        {
            using (Worker worker = await Worker.StartAsync())
            using (var backend = new Backend(worker, "obama.jpg", "biden.jpg", "coffee.png"))
            {
                await backend.RunAsync(0, "import", backend.Photos);
                Guid obama = backend.PersonIn("obama.jpg"), biden = backend.PersonIn("biden.jpg");
                await backend.CheckSameAsTheWorkerAsync(2);

                worker.Kill();
                string output = await backend.RunAsync(1, "merge", obama.ToString(), biden.ToString());
                Check.True(output.Contains("1 merge(s) and 0 photo(s) wait"), output);
                Check.Equal(biden, backend.PersonIn("obama.jpg"), "where the face is here");
                await backend.RunAsync(1, "sync");

                await worker.RestartAsync();
                Check.Equal(obama, (await backend.Client.GetClusterAsync(obama)).ClusterId, "where the worker has it still");
                output = await backend.RunAsync(0, "sync");
                Check.True(output.Contains("1 face(s) moved there"), output);
                await backend.CheckSameAsTheWorkerAsync(1);
                using (Thumbnail before = await backend.Client.GetClusterThumbnailAsync(obama))
                    Check.Equal<Guid?>(biden, before.ClusterId, "whose picture the old address shows");

                // The other photos of the same people go where the merge has put them.
                backend.AddPhoto("obama2.jpg");
                await backend.RunAsync(0, "import", backend.Photos);
                Check.Equal(biden, backend.PersonIn("obama2.jpg"), "a new photo");
                await backend.CheckSameAsTheWorkerAsync(1);
            }
        }

        [Test]
        private static async Task A_merge_whose_answer_is_lost_is_delivered_once()
        {
            using (Worker worker = await Worker.StartAsync())
            using (var backend = new Backend(worker, "obama.jpg", "biden.jpg"))
            {
                await backend.RunAsync(0, "import", backend.Photos);
                Guid obama = backend.PersonIn("obama.jpg"), biden = backend.PersonIn("biden.jpg");
                backend.Recorder.LoseNextAnswer();
                await backend.RunAsync(1, "merge", obama.ToString(), biden.ToString());
                Check.Equal(biden, (await backend.Client.GetClusterAsync(obama)).ClusterId, "the worker did it");
                // Somebody takes it back at the worker: the repeated delivery must not do it again.
                await backend.Client.UnmergeClusterAsync(obama);
                await backend.RunAsync(0, "sync");
                Check.Equal(obama, (await backend.Client.GetClusterAsync(obama)).ClusterId, "still apart at the worker");
                Check.Equal(obama, backend.PersonIn("obama.jpg"), "apart here too");
                await backend.CheckSameAsTheWorkerAsync(2);
            }
        }

        [Test]
        private static async Task Photos_taken_in_while_the_worker_is_down_are_sent_later()
        {
            using (Worker worker = await Worker.StartAsync())
            using (var backend = new Backend(worker, "obama.jpg", "biden.jpg"))
            {
                worker.Kill();
                string output = await backend.RunAsync(1, "import", backend.Photos);
                Check.True(output.Contains("0 merge(s) and 2 photo(s) wait"), output);
                await worker.RestartAsync();
                await backend.RunAsync(0, "sync");
                await backend.CheckSameAsTheWorkerAsync(2);
                // The same photos again change nothing.
                await backend.RunAsync(0, "import", backend.Photos);
                await backend.CheckSameAsTheWorkerAsync(2);
            }
        }

        [Test]
        private static async Task What_others_change_at_the_worker_is_taken_over()
        {
            using (Worker worker = await Worker.StartAsync())
            using (var backend = new Backend(worker, "obama.jpg", "obama2.jpg", "biden.jpg", "astronaut.png"))
            {
                await backend.RunAsync(0, "import", backend.Photos);
                Guid obama = backend.PersonIn("obama.jpg"), biden = backend.PersonIn("biden.jpg"), collins = backend.PersonIn("astronaut.png");
                // Merged there, and then merged here into the one that is no more there.
                await backend.Client.MergeClustersAsync(new[] { biden }, obama);
                await backend.RunAsync(0, "merge", collins.ToString(), biden.ToString());
                Check.Equal(obama, backend.PersonIn("astronaut.png"), "follows the worker's merge");
                await backend.RunAsync(0, "sync");
                Check.Equal(obama, backend.PersonIn("biden.jpg"), "merged there");
                await backend.CheckSameAsTheWorkerAsync(1);

                await backend.Client.UnmergeClusterAsync(biden);
                await backend.RunAsync(0, "sync");
                Check.Equal(biden, backend.PersonIn("biden.jpg"), "taken apart there");
                Guid second = (await backend.Client.GetFileAsync("obama2.jpg")).Faces.Single().FaceId;
                Guid alone = (await backend.Client.MoveFaceAsync(second, null)).ClusterId;
                await backend.RunAsync(0, "sync");
                Check.Equal(alone, backend.PersonIn("obama2.jpg"), "moved there");
                await backend.CheckSameAsTheWorkerAsync(3);

                // Deleted there, and merged here before that is known: refused, and then followed.
                await backend.Client.DeleteClusterAsync(biden);
                string output = await backend.RunAsync(0, "merge", biden.ToString(), obama.ToString());
                Check.True(output.Contains("refused") && output.Contains(ProblemCodes.UnknownCluster), output);
                await backend.RunAsync(0, "sync");
                Check.Equal(0, backend.People().Count(person => person.FileIds.Contains("biden.jpg")), "deleted there");
                await backend.CheckSameAsTheWorkerAsync(2);
            }
        }

        [Test]
        private static async Task A_photo_that_is_none_is_refused_and_keeps_nothing_back()
        {
            using (Worker worker = await Worker.StartAsync())
            using (var backend = new Backend(worker, "obama.jpg"))
            {
                File.WriteAllText(Path.Combine(backend.Photos, "a.jpg"), "no photo");
                string output = await backend.RunAsync(0, "import", backend.Photos);
                Check.True(output.Contains("a.jpg refused") && output.Contains(ProblemCodes.PhotoNotAnImage), output);
                await backend.CheckSameAsTheWorkerAsync(1);
                using (PhotoServer server = PhotoServer.Start(IPAddress.Loopback))
                    await backend.RunAsync(0, "import", server.Add(Path.Combine(Worker.Samples, "obama2.jpg")));
                Check.Equal(2, backend.People().Single().FileIds.Count, "faces");
            }
        }

        [Test]
        private static async Task Mistakes_are_named_and_change_nothing()
        {
            using (var backend = new Backend(null))
            {
                string one = Guid.NewGuid().ToString(), two = Guid.NewGuid().ToString();
                foreach ((string Part, string[] Arguments) at in new[]
                {
                    ("usage:", new string[0]), ("usage:", new[] { "import" }), ("usage:", new[] { "merge", one }),
                    ("usage:", new[] { "merge", one, two, one }), ("usage:", new[] { "people", one }),
                    ("There is no file or directory", new[] { "import", "/there/is/no/such" }),
                    ("named by its id", new[] { "merge", "obama", "biden" }), ("There is no person " + one, new[] { "merge", one, two }),
                })
                {
                    string output = await backend.RunAsync(2, at.Arguments);
                    Check.True(output.Contains(at.Part), output);
                }
                Check.Equal("", await backend.RunAsync(0, "people"), "people");
            }
        }

        [Test]
        private static Task Photos_of_phones_and_cameras_are_found_in_a_directory()
        {
            string directory = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(directory);
            try
            {
                string[] photos = { "IMG_0001.HEIC", "b.jfif", "c.avif", "d.jxl", "e.DNG", "f.nef", "g.cr2", "h.ARW", "i.hif" };
                foreach (string name in photos.Concat(new[] { "clip.mov", "notes.txt" }))
                    File.WriteAllText(Path.Combine(directory, name), "");
                Check.Equal(
                    string.Join(" ", photos), string.Join(" ", PhotoSources.Find(directory).Select(photo => photo.FileId)), "found");
            }
            finally
            {
                Directory.Delete(directory, true);
            }
            return Task.CompletedTask;
        }

        [Test]
        private static Task Chains_of_merges_keep_redirects_one_step_long()
        {
            using (var backend = new Backend(null))
            using (Database database = backend.Open())
            {
                Guid[] people = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();
                database.InTransaction(statements =>
                {
                    statements.Execute("INSERT INTO photos (file_id, source, state) VALUES ('p', 'p', 'described')");
                    foreach (Guid person in people)
                        statements.Execute(
                            "INSERT INTO faces (face_id, file_id, cluster_id, position, x1, y1, x2, y2, confidence, quality) " +
                            "VALUES (@0, 'p', @1, 0, 0, 0, 1, 1, 0.123456789012345, 1)", Guid.NewGuid(), person);
                });
                var merges = new Merges(database);
                Check.Equal((1, people[1]), merges.Merge(people[0], people[1]), "first");
                Check.Equal((2, people[2]), merges.Merge(people[0], people[2]), "by the former id");
                Check.Equal((1, people[2]), merges.Merge(people[3], people[1]), "into a former id");
                try
                {
                    merges.Merge(people[3], people[0]);
                    throw new CheckException("one person was merged with itself");
                }
                catch (MergeException error)
                {
                    Check.True(error.Message.Contains("one person already"), error.Message);
                }
                database.InTransaction(statements =>
                {
                    Check.Equal(4L, statements.Count("SELECT COUNT(*) FROM faces WHERE cluster_id = @0", people[2]), "faces");
                    Check.Equal(3L, statements.Count("SELECT COUNT(*) FROM cluster_redirects WHERE target_id = @0", people[2]), "redirects");
                    Check.Equal(
                        0.123456789012345, statements.Query("SELECT confidence FROM faces", row => row.GetDouble(0)).First(), "a double");
                });
                Check.Equal(3L, merges.CountWaiting(), "merges that wait");
            }
            return Task.CompletedTask;
        }

        [Test]
        private static Task A_database_of_a_version_before_keeps_its_rows()
        {
            using (var backend = new Backend(null))
            {
                using (DbConnection connection = SqliteProvider.Factory.CreateConnection())
                {
                    connection.ConnectionString = "Data Source=" + backend.DatabasePath;
                    connection.Open();
                    using (DbCommand command = connection.CreateCommand())
                    {
                        command.CommandText = Database.Migrations()[0].Value +
                            "CREATE TABLE migrations (name TEXT NOT NULL PRIMARY KEY);" +
                            "INSERT INTO migrations VALUES ('" + Database.Migrations()[0].Key + "');" +
                            "INSERT INTO photos (file_id, source, state) VALUES ('old', 'old', 'waiting')";
                        command.ExecuteNonQuery();
                    }
                }
                for (int time = 0; time < 2; time++)
                    using (Database database = backend.Open())
                    {
                        Check.Equal(1L, new Photos(database).CountWaiting(), "photos");
                        Check.Equal(0L, new Merges(database).CountWaiting(), "merges");
                    }
            }
            return Task.CompletedTask;
        }
    }

    /// <summary>A sample backend with a database and photos of its own.</summary>
    internal sealed class Backend : IDisposable
    {
        private readonly string _folder = Path.Combine(Path.GetTempPath(), "backend-" + Guid.NewGuid().ToString("N"));
        private readonly Settings _settings;
        private readonly HttpClient _http;

        /// <param name="worker">Its worker; null when it must not be needed.</param>
        /// <param name="photos">Sample photos.</param>
        internal Backend(Worker worker, params string[] photos)
        {
            Uri address = worker?.Address ?? new Uri("http://127.0.0.1:1");
            Directory.CreateDirectory(Photos);
            foreach (string photo in photos)
                AddPhoto(photo);
            _settings = new Settings(address, Worker.ApiKey, DatabasePath, IPAddress.Loopback);
            _http = new HttpClient(Recorder) { Timeout = Timeout.InfiniteTimeSpan };
            Client = new AiWorkerClient(
                _http, new AiWorkerClientOptions { BaseAddress = address, ApiKey = Worker.ApiKey, MaxAttempts = 1 });
        }

        internal Recorder Recorder { get; } = new Recorder();

        internal AiWorkerClient Client { get; }

        internal string Photos => Path.Combine(_folder, "photos");

        internal string DatabasePath => Path.Combine(_folder, "backend.db");

        internal Database Open() => Database.Open(SqliteProvider.Factory, DatabasePath);

        internal void AddPhoto(string name) => File.Copy(Path.Combine(Worker.Samples, name), Path.Combine(Photos, name));

        /// <summary>Runs a command, which must end with this status; what it wrote.</summary>
        internal async Task<string> RunAsync(int status, params string[] arguments)
        {
            var output = new StringWriter();
            int found = await new CommandLine(_settings, Client, output).RunAsync(arguments, CancellationToken.None);
            Check.Equal(status, found, string.Join(" ", arguments) + "\n" + output);
            return output.ToString();
        }

        internal IList<Person> People()
        {
            using (Database database = Open())
                return new People(database).All();
        }

        /// <summary>The only person in a photo, by what is stored here.</summary>
        internal Guid PersonIn(string file) => People().Single(person => person.FileIds.Contains(file)).ClusterId;

        /// <summary>Holds people, faces and pictures here against the worker's.</summary>
        internal async Task CheckSameAsTheWorkerAsync(int people)
        {
            IList<Person> here = People();
            Check.Equal(people, here.Count, "people here");
            ClusterPage there = await Client.ListClustersAsync();
            Check.SameSet(there.Clusters.Select(cluster => cluster.ClusterId.ToString()), here.Select(person => person.ClusterId.ToString()), "people");
            foreach (Person person in here)
            {
                FacePage faces = await Client.ListFacesAsync(person.ClusterId);
                Check.SameSet(faces.Faces.Select(face => face.FileId), person.FileIds, "photos of " + person.ClusterId);
                Check.Equal(faces.Faces.Count, person.FileIds.Count, "faces of " + person.ClusterId);
                ClusterDetails details = await Client.GetClusterAsync(person.ClusterId);
                using (Thumbnail picture = await Client.GetClusterThumbnailAsync(person.ClusterId))
                using (Thumbnail face = await Client.GetFaceThumbnailAsync(details.RepresentativeFaceId))
                {
                    Check.Equal<Guid?>(person.ClusterId, picture.ClusterId, "cluster of the picture");
                    Check.Same(Bytes(face), Bytes(picture), "picture of " + person.ClusterId);
                }
            }
        }

        public void Dispose()
        {
            _http.Dispose();
            Directory.Delete(_folder, true);
        }

        private static byte[] Bytes(Thumbnail thumbnail)
        {
            var bytes = new MemoryStream();
            thumbnail.Content.CopyTo(bytes);
            return bytes.ToArray();
        }
    }
}
