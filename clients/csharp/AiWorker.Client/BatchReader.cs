using System;
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
        private readonly Transport _transport;
        private readonly Lines _lines;
        private readonly int _photos;
        private int _read;

        internal BatchReader(Transport transport, Lines lines, int photos)
        {
            _transport = transport;
            _lines = lines;
            _photos = photos;
        }

        /// <summary>The request's id, under which the worker's log has it.</summary>
        public string RequestId => _lines.RequestId;

        /// <summary>The next photo that is done, in the order in which they are; null after the last.</summary>
        /// <exception cref="AiWorkerConnectionException">
        /// The connection broke before every photo had its line. Send the others again.
        /// </exception>
        /// <exception cref="AiWorkerTimeoutException">No line came for as long as an attempt may take.</exception>
        /// <exception cref="AiWorkerAnswerException">What came is no line of a batch.</exception>
        public async Task<BatchResult> ReadAsync(CancellationToken cancellationToken = default(CancellationToken))
        {
            byte[] line = await _transport.WithinAsync(RequestId, _lines.ReadAsync, cancellationToken).ConfigureAwait(false);
            if (line == null)
            {
                if (_read < _photos)
                    throw new AiWorkerConnectionException(
                        "The answer ended after " + _read + " of " + _photos + " photos (request " + RequestId + ").", RequestId, null);
                return null;
            }
            _read++;
            try
            {
                return Json.Read<BatchLine>(line).Result();
            }
            catch (SerializationException error)
            {
                throw new AiWorkerAnswerException(
                    "A line of the answer is none of a batch (request " + RequestId + ").", _lines.Status, null, RequestId, error);
            }
        }

        /// <summary>Stops reading, and with it whatever of the batch is not yet done.</summary>
        public void Dispose() => _lines.Dispose();
    }
}
