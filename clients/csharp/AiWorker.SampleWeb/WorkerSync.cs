using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using AiWorker.Client;
using AiWorker.SampleBackend;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AiWorker.SampleWeb
{
    /// <summary>
    /// Tells the worker what waits, and takes over what was changed there: whenever something waits, and every so often. A
    /// worker that is down makes nobody wait; what it is to be told stays in the database for the next time.
    /// </summary>
    internal sealed class WorkerSync : BackgroundService
    {
        private readonly IAiWorkerClient _worker;
        private readonly BackendOptions _options;
        private readonly ILogger<WorkerSync> _log;

        /// <summary>One place: that something waits, however often it was said.</summary>
        private readonly Channel<bool> _woken = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public WorkerSync(IAiWorkerClient worker, BackendOptions options, ILogger<WorkerSync> log)
        {
            _worker = worker;
            _options = options;
            _log = log;
        }

        /// <summary>Says that something waits.</summary>
        internal void Wake() => _woken.Writer.TryWrite(true);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await SyncAsync(stoppingToken);
                }
                catch (AiWorkerException error)
                {
                    _log.LogWarning("The worker could not be told now: {Problem}", error.Message);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    // Else one row that cannot be handled would end the whole application.
                    _log.LogError(error, "A round of synchronizing failed");
                }
                await WaitAsync(stoppingToken);
            }
        }

        private async Task SyncAsync(CancellationToken cancellationToken)
        {
            using Database database = Database.Open(SqliteProvider.Factory, _options.Database);
            var delivery = new Delivery(
                _worker, new Merges(database), new Photos(database), _options.PhotoAddress, new LogWriter(_log));
            await delivery.SendMergesAsync(cancellationToken);
            await delivery.SendPhotosAsync(cancellationToken);
            int? changed = await new Refresh(_worker, database).RunAsync(cancellationToken);
            if (changed > 0)
                _log.LogInformation("{Faces} face(s) follow what was changed at the worker", changed);
        }

        private async Task WaitAsync(CancellationToken stoppingToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limit.CancelAfter(_options.SyncEvery);
            try
            {
                await _woken.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                // Nothing waits, and it is time to ask the worker again.
            }
        }

        /// <summary>Writes the lines of the console backend into the log.</summary>
        private sealed class LogWriter : TextWriter
        {
            private readonly ILogger _log;

            internal LogWriter(ILogger log)
            {
                _log = log;
            }

            public override Encoding Encoding => Encoding.UTF8;

            public override void WriteLine(string? line) => _log.LogInformation("{Line}", line);
        }
    }
}
