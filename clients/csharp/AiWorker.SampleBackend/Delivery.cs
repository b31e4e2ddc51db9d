using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.SampleBackend
{
    /// <summary>Tells the worker what it does not know yet: merges first, then photos.</summary>
    internal sealed class Delivery
    {
        /// <summary>Photos of one batch; the worker's <c>BATCH_PHOTOS</c> is no less.</summary>
        private const int BatchPhotos = 100;

        private readonly IAiWorkerClient _client;
        private readonly Merges _merges;
        private readonly Photos _photos;
        private readonly IPAddress _photoAddress;
        private readonly TextWriter _log;

        internal Delivery(IAiWorkerClient client, Merges merges, Photos photos, IPAddress photoAddress, TextWriter log)
        {
            _client = client;
            _merges = merges;
            _photos = photos;
            _photoAddress = photoAddress;
            _log = log;
        }

        /// <summary>Tells the worker of every merge that waits, in their order.</summary>
        /// <exception cref="AiWorkerException">The worker cannot be told now; the merge and those after it wait.</exception>
        internal async Task SendMergesAsync(CancellationToken cancellationToken)
        {
            for (WaitingMerge merge = _merges.Next(); merge != null; merge = _merges.Next())
                try
                {
                    MergeAnswer answer = await _client.MergeClustersAsync(
                        new[] { merge.Source }, merge.Target, merge.IdempotencyKey, cancellationToken).ConfigureAwait(false);
                    _merges.Delivered(merge, answer.TargetClusterId);
                    _log.WriteLine(
                        "merge of " + merge.Source + " delivered: " + answer.MergedCount + " face(s) moved there to " + answer.TargetClusterId);
                }
                catch (AiWorkerProblemException problem) when (IsForGood(problem))
                {
                    _merges.Refused(merge, problem);
                    _log.WriteLine("merge of " + merge.Source + " refused: " + problem.Message);
                }
        }

        /// <summary>Sends every photo that waits, and stores what comes back.</summary>
        /// <exception cref="AiWorkerException">The worker cannot be reached now; photos without an answer wait.</exception>
        internal async Task SendPhotosAsync(CancellationToken cancellationToken)
        {
            using (PhotoServer server = PhotoServer.Start(_photoAddress))
            {
                string after = "";
                while (true)
                {
                    IList<WaitingPhoto> photos = _photos.Waiting(after, BatchPhotos);
                    if (photos.Count == 0)
                        return;
                    // One that fails in passing waits for the next time, so that this ends.
                    after = photos[photos.Count - 1].FileId;
                    IEnumerable<ProcessRequest> requests = photos.Select(photo => new ProcessRequest(
                        photo.FileId, PhotoSources.IsUrl(photo.Source) ? photo.Source : server.Add(photo.Source)));
                    using (BatchReader batch = await _client.ProcessBatchAsync(requests, false, cancellationToken).ConfigureAwait(false))
                        for (BatchResult result; (result = await batch.ReadAsync(cancellationToken).ConfigureAwait(false)) != null;)
                            Take(result);
                }
            }
        }

        private void Take(BatchResult result)
        {
            if (result.Answer != null)
            {
                _photos.Store(result.Answer);
                int people = result.Answer.Faces.Count, found = result.Answer.Faces.Count(face => face.IsNewCluster);
                _log.WriteLine(result.FileId + ": " + result.Answer.Context + "; " + people + " face(s), " + found + " new");
                return;
            }
            bool refused = IsForGood(result.Problem);
            _photos.Fail(result.FileId, result.Problem, refused);
            _log.WriteLine(result.FileId + (refused ? " refused: " : " waits: ") + result.Problem.Message);
        }

        /// <summary>Whether the same request would fail again, whenever it is made.</summary>
        private static bool IsForGood(AiWorkerProblemException problem) =>
            (int)problem.Status < 500 && !(problem is AiWorkerUnavailableException) && !(problem is AiWorkerAccessException) &&
            problem.Code != ProblemCodes.IdempotencyKeyInUse;
    }
}
