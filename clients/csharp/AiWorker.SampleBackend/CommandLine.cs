using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.SampleBackend
{
    /// <summary>The console front.</summary>
    internal sealed class CommandLine
    {
        private const string Usage =
            "usage: import DIR|FILE|URL...   take in photos; those that the worker cannot be told of now wait\n" +
            "       people                   who is in the photos\n" +
            "       merge A B                make person A and person B one, who is B\n" +
            "       sync                     tell the worker what waits, and take over what was changed there";

        private readonly Settings _settings;
        private readonly IAiWorkerClient _client;
        private readonly TextWriter _out;

        /// <param name="settings">Where worker and database are.</param>
        /// <param name="client">Calls that worker.</param>
        /// <param name="out">Where everything is written.</param>
        internal CommandLine(Settings settings, IAiWorkerClient client, TextWriter @out)
        {
            _settings = settings;
            _client = client;
            _out = @out;
        }

        /// <summary>Does what the arguments say; the exit status: 0, 1 when something waits or failed, 2 when misused.</summary>
        internal async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
        {
            Func<Database, Task<int>> work = Work(arguments, cancellationToken);
            if (work == null)
            {
                _out.WriteLine(Usage);
                return 2;
            }
            using (Database database = Database.Open(SqliteProvider.Factory, _settings.Database))
                return await work(database).ConfigureAwait(false);
        }

        /// <summary>What the arguments ask for; null when they are none that this program knows.</summary>
        private Func<Database, Task<int>> Work(string[] arguments, CancellationToken cancellationToken)
        {
            string command = arguments.FirstOrDefault();
            if (command == "import" && arguments.Length > 1)
                return database => ImportAsync(database, arguments.Skip(1), cancellationToken);
            if (command == "people" && arguments.Length == 1)
                return database => Task.FromResult(ShowPeople(database));
            if (command == "merge" && arguments.Length == 3)
                return database => MergeAsync(database, arguments[1], arguments[2], cancellationToken);
            if (command == "sync" && arguments.Length == 1)
                return database => SyncAsync(database, true, cancellationToken);
            return null;
        }

        private async Task<int> ImportAsync(Database database, IEnumerable<string> names, CancellationToken cancellationToken)
        {
            List<WaitingPhoto> photos;
            try
            {
                photos = names.SelectMany(PhotoSources.Find).ToList();
            }
            catch (FileNotFoundException error)
            {
                _out.WriteLine(error.Message);
                return 2;
            }
            new Photos(database).Enqueue(photos);
            return await SyncAsync(database, false, cancellationToken).ConfigureAwait(false);
        }

        private int ShowPeople(Database database)
        {
            foreach (Person person in new People(database).All())
            {
                _out.WriteLine(person.ClusterId + "  " + person.FileIds.Count + " face(s): " + string.Join(", ", person.FileIds.Distinct()));
                _out.WriteLine("    " + _settings.Worker.AbsoluteUri.TrimEnd('/') + "/api/cluster/" + person.ClusterId + "/thumbnail");
            }
            return 0;
        }

        private async Task<int> MergeAsync(Database database, string source, string target, CancellationToken cancellationToken)
        {
            if (!Guid.TryParse(source, out Guid from) || !Guid.TryParse(target, out Guid to))
            {
                _out.WriteLine("A person is named by its id; see 'people'.");
                return 2;
            }
            try
            {
                (int Moved, Guid Target) merged = new Merges(database).Merge(from, to);
                _out.WriteLine(merged.Moved + " face(s) moved to " + merged.Target);
            }
            catch (MergeException error)
            {
                _out.WriteLine(error.Message);
                return 2;
            }
            return await SyncAsync(database, false, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Tells the worker what waits; with <paramref name="refresh"/>, then takes over what was changed there.</summary>
        private async Task<int> SyncAsync(Database database, bool refresh, CancellationToken cancellationToken)
        {
            var merges = new Merges(database);
            var photos = new Photos(database);
            var delivery = new Delivery(_client, merges, photos, _settings.PhotoAddress, _out);
            int status = 0;
            try
            {
                await delivery.SendMergesAsync(cancellationToken).ConfigureAwait(false);
                await delivery.SendPhotosAsync(cancellationToken).ConfigureAwait(false);
                if (refresh)
                {
                    int? changed = await new Refresh(_client, database).RunAsync(cancellationToken).ConfigureAwait(false);
                    _out.WriteLine(changed == null
                        ? "merges were made meanwhile; sync again to take over what was changed at the worker"
                        : changed + " face(s) follow what was changed at the worker");
                }
            }
            catch (AiWorkerException error)
            {
                _out.WriteLine(error.Message);
                status = 1;
            }
            long waitingMerges = merges.CountWaiting(), waitingPhotos = photos.CountWaiting();
            if (waitingMerges + waitingPhotos > 0)
            {
                _out.WriteLine(waitingMerges + " merge(s) and " + waitingPhotos + " photo(s) wait; 'sync' sends them");
                status = 1;
            }
            return status;
        }
    }
}
