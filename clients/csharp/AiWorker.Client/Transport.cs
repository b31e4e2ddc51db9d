using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Runtime.Serialization;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Client
{
    /// <summary>Sends calls, tries again, and turns whatever is no answer into an exception.</summary>
    internal sealed class Transport
    {
        private readonly Func<HttpClient> _http;
        private readonly AiWorkerClientOptions _options;
        private readonly Uri _baseAddress;
        private readonly Retries _retries;

        /// <param name="http">Gives the client that sends an attempt.</param>
        /// <param name="options">Where the worker is, keys, limits.</param>
        internal Transport(Func<HttpClient> http, AiWorkerClientOptions options)
        {
            _http = http;
            _options = (options ?? throw new ArgumentNullException(nameof(options))).Validated();
            Uri? address = _options.BaseAddress ?? http().BaseAddress;
            if (address == null || !address.IsAbsoluteUri)
                throw new ArgumentException("Say where the worker is: set BaseAddress of the options or of the HttpClient to an absolute address.", nameof(options));
            // Without the slash the last part of the path would be replaced.
            _baseAddress = new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
            _retries = new Retries(_options);
        }

        /// <summary>The JSON answer of a call.</summary>
        internal async Task<T> ReadAsync<T>(Call call, CancellationToken cancellationToken) where T : class
        {
            Received received = await SendAsync(call, cancellationToken).ConfigureAwait(false);
            try
            {
                return Json.Read<T>(received.Body);
            }
            catch (SerializationException error)
            {
                throw NotUnderstood(received, call.RequestId, error);
            }
        }

        /// <summary>The whole answer of a call.</summary>
        internal Task<Received> SendAsync(Call call, CancellationToken cancellationToken) =>
            _retries.RunAsync(() => AttemptAsync(call, cancellationToken), cancellationToken);

        /// <summary>The lines of an answer, as they come; once the first may come, nothing is tried again.</summary>
        internal Task<Lines> OpenAsync(Call call, CancellationToken cancellationToken) =>
            _retries.RunAsync(() => OpenAttemptAsync(call, cancellationToken), cancellationToken);

        /// <summary>Does something within the time of an attempt; what breaks says under which request.</summary>
        internal async Task<T> WithinAsync<T>(
            string requestId, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
        {
            using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                limit.CancelAfter(_options.AttemptTimeout);
                try
                {
                    return await work(limit.Token).ConfigureAwait(false);
                }
                catch (Exception error) when (!(error is AiWorkerException) && cancellationToken.IsCancellationRequested)
                {
                    throw new OperationCanceledException("The call was cancelled.", error, cancellationToken);
                }
                catch (Exception error) when (
                    !(error is AiWorkerException) && (limit.IsCancellationRequested || error is OperationCanceledException))
                {
                    throw new AiWorkerTimeoutException(
                        "The worker at " + _baseAddress + " did not answer in time (request " + requestId + ").", requestId, error);
                }
                catch (Exception error) when (IsConnectionError(error))
                {
                    throw new AiWorkerConnectionException(
                        "The worker at " + _baseAddress + " cannot be reached, or the connection broke (request " + requestId + ").",
                        requestId, error);
                }
            }
        }

        private async Task<Received> AttemptAsync(Call call, CancellationToken cancellationToken)
        {
            Keys keys = await Keys.OfAsync(_options, call, cancellationToken).ConfigureAwait(false);
            return await WithinAsync(call.RequestId, async limit =>
            {
                using (HttpResponseMessage response = await AskAsync(call, keys, limit).ConfigureAwait(false))
                // On .NET Framework a read that waits for bytes does not notice the token.
                using (limit.Register(response.Dispose))
                {
                    Received received = await ReceiveAsync(response, call, limit).ConfigureAwait(false);
                    return received.IsSuccess ? received : throw Failure(received, call.RequestId);
                }
            }, cancellationToken).ConfigureAwait(false);
        }

        private async Task<Lines> OpenAttemptAsync(Call call, CancellationToken cancellationToken)
        {
            Keys keys = await Keys.OfAsync(_options, call, cancellationToken).ConfigureAwait(false);
            return await WithinAsync(call.RequestId, async limit =>
            {
                HttpResponseMessage response = await AskAsync(call, keys, limit).ConfigureAwait(false);
                Lines? lines = null;
                try
                {
                    using (limit.Register(response.Dispose))
                    {
                        if (!response.IsSuccessStatusCode)
                            throw Failure(await ReceiveAsync(response, call, limit).ConfigureAwait(false), call.RequestId);
                        Stream stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
                        lines = new Lines(response, stream, _options.MaxAnswerBytes, call.RequestId);
                        return lines;
                    }
                }
                finally
                {
                    if (lines == null)
                        response.Dispose();
                }
            }, cancellationToken).ConfigureAwait(false);
        }

        private async Task<HttpResponseMessage> AskAsync(Call call, Keys keys, CancellationToken limit)
        {
            using (HttpRequestMessage request = call.Request(_baseAddress, keys))
                return await _http().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit).ConfigureAwait(false);
        }

        private async Task<Received> ReceiveAsync(HttpResponseMessage response, Call call, CancellationToken limit)
        {
            var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            using (Stream stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false))
            {
                int count;
                while ((count = await stream.ReadAsync(buffer, 0, buffer.Length, limit).ConfigureAwait(false)) > 0)
                {
                    if (body.Length + count > _options.MaxAnswerBytes)
                        throw new AiWorkerAnswerException(
                            "The answer has more than " + _options.MaxAnswerBytes + " bytes; see MaxAnswerBytes (request " + call.RequestId + ").",
                            response.StatusCode, null, call.RequestId, null);
                    body.Write(buffer, 0, count);
                }
            }
            // Not every handler notices that an answer was cut.
            long? promised = response.Content.Headers.ContentLength;
            if (promised != null && body.Length < promised)
                throw new IOException("The answer ended after " + body.Length + " of " + promised + " bytes.");
            return new Received(response, body.ToArray());
        }

        private static AiWorkerException Failure(Received received, string requestId)
        {
            if (received.MediaType == "application/problem+json")
            {
                try
                {
                    return AiWorkerProblemException.Of(Json.Read<Problem>(received.Body), received.RetryAfter);
                }
                catch (SerializationException error)
                {
                    return NotUnderstood(received, requestId, error);
                }
            }
            return NotUnderstood(received, requestId, null);
        }

        private static AiWorkerAnswerException NotUnderstood(Received received, string requestId, Exception? cause) =>
            new AiWorkerAnswerException(
                "The answer is none of a worker that this client knows: status " + (int)received.Status + ", " +
                (received.MediaType ?? "no media type") + ", " + received.Body.Length + " bytes (request " + requestId + ").",
                received.Status, received.RetryAfter, requestId, cause);

        /// <summary>Which exception a broken connection gives differs between runtimes.</summary>
        private static bool IsConnectionError(Exception error) =>
            error is HttpRequestException || error is IOException || error is WebException || error is SocketException ||
            error is ObjectDisposedException;
    }
}
