using System;
using System.Collections.Generic;
using System.Runtime.Serialization;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>
    /// The results of a batch, as they come. Disposing it before the end stops what is not yet done. Not for several
    /// threads at a time.
    /// </summary>
    public sealed class BatchReader : IDisposable
    {
        private readonly Func<CancellationToken, Task<BatchResult?>> _next;
        private readonly Action _stop;

        internal BatchReader(Transport transport, Lines lines, int photos)
        {
            RequestId = lines.RequestId;
            int read = 0;
            _next = async cancellationToken =>
            {
                byte[]? line = await transport.WithinAsync(RequestId, lines.ReadAsync, cancellationToken).ConfigureAwait(false);
                if (line != null)
                {
                    read++;
                    return Result(line, lines);
                }
                if (read < photos)
                    throw new AiWorkerConnectionException(
                        "The answer ended after " + read + " of " + photos + " photos (request " + RequestId + ").", RequestId, null);
                return null;
            };
            _stop = lines.Dispose;
        }

        /// <summary>These results, one after the other, for those who stand in for a worker.</summary>
        /// <param name="results">The results; one that is to fail may throw when its turn comes.</param>
        /// <param name="requestId">The request's id; null for a new one.</param>
        public BatchReader(IEnumerable<BatchResult> results, string? requestId = null)
        {
            IEnumerator<BatchResult> all = (results ?? throw new ArgumentNullException(nameof(results))).GetEnumerator();
            RequestId = requestId ?? Guid.NewGuid().ToString("D");
            _next = cancellationToken =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return Task.FromResult(all.MoveNext() ? all.Current : null);
            };
            _stop = all.Dispose;
        }

        /// <summary>The request's id, under which the worker's log has it.</summary>
        public string RequestId { get; }

        /// <summary>The next photo that is done, in the order in which they are; null after the last.</summary>
        /// <exception cref="AiWorkerConnectionException">
        /// The connection broke before every photo had its line. Send the others again.
        /// </exception>
        /// <exception cref="AiWorkerTimeoutException">No line came for as long as an attempt may take.</exception>
        /// <exception cref="AiWorkerAnswerException">What came is no line of a batch.</exception>
        public Task<BatchResult?> ReadAsync(CancellationToken cancellationToken = default(CancellationToken)) =>
            _next(cancellationToken);

        /// <summary>Stops reading, and with it whatever of the batch is not yet done.</summary>
        public void Dispose() => _stop();

        private static BatchResult Result(byte[] line, Lines lines)
        {
            try
            {
                return Json.Read<BatchLine>(line).Result();
            }
            catch (SerializationException error)
            {
                throw new AiWorkerAnswerException(
                    "A line of the answer is none of a batch (request " + lines.RequestId + ").", lines.Status, null, lines.RequestId, error);
            }
        }
    }
}
