using System;
using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>An answer of one JSON value a line, read as it comes.</summary>
    internal sealed class Lines : IDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly Stream _stream;
        private readonly int _maxBytes;
        private readonly MemoryStream _line = new MemoryStream();
        private readonly byte[] _buffer = new byte[16 * 1024];
        private int _next;
        private int _end;

        internal Lines(HttpResponseMessage response, Stream stream, int maxBytes, string requestId)
        {
            _response = response;
            _stream = stream;
            _maxBytes = maxBytes;
            RequestId = requestId;
        }

        internal string RequestId { get; }

        /// <summary>The next line without its end; null after the last.</summary>
        internal async Task<byte[]?> ReadAsync(CancellationToken limit)
        {
            using (limit.Register(_response.Dispose))
            {
                _line.SetLength(0);
                while (true)
                {
                    if (_next == _end)
                    {
                        _next = 0;
                        _end = await _stream.ReadAsync(_buffer, 0, _buffer.Length, limit).ConfigureAwait(false);
                        if (_end == 0 && _line.Length > 0)
                            throw new IOException("The last line was cut.");
                        if (_end == 0)
                            return null;
                    }
                    int newline = Array.IndexOf(_buffer, (byte)'\n', _next, _end - _next);
                    int until = newline < 0 ? _end : newline;
                    if (_line.Length + until - _next > _maxBytes)
                        throw new AiWorkerAnswerException(
                            "A line of the answer has more than " + _maxBytes + " bytes; see MaxAnswerBytes (request " + RequestId + ").",
                            _response.StatusCode, null, RequestId, null);
                    _line.Write(_buffer, _next, until - _next);
                    _next = newline < 0 ? _end : newline + 1;
                    if (newline >= 0)
                        return _line.ToArray();
                }
            }
        }

        internal System.Net.HttpStatusCode Status => _response.StatusCode;

        public void Dispose()
        {
            _stream.Dispose();
            _response.Dispose();
        }
    }
}
