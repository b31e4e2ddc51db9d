using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace AiWorker.Tests
{
    /// <summary>A request as it came.</summary>
    internal sealed class ScriptedRequest
    {
        internal string Method { get; set; }

        /// <summary>The path with its query, as it was sent.</summary>
        internal string Target { get; set; }

        internal IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        internal string Body { get; set; }

        /// <summary>Null when it was not sent.</summary>
        internal string Header(string name) => Headers.TryGetValue(name, out string value) ? value : null;
    }

    /// <summary>What a connection gets: bytes and waits, in their order, and then its end.</summary>
    internal sealed class Reply
    {
        private readonly List<object> _steps = new List<object>();
        private bool _reset;

        internal IEnumerable<object> Steps => _steps;

        internal bool EndsByReset => _reset;

        internal Reply Then(string text) => Then(Encoding.UTF8.GetBytes(text));

        internal Reply Then(byte[] bytes)
        {
            _steps.Add(bytes);
            return this;
        }

        /// <summary>Waits until the task is done, or the server ends.</summary>
        internal Reply ThenWait(Task task)
        {
            _steps.Add(task);
            return this;
        }

        internal Reply ThenReset()
        {
            _reset = true;
            return this;
        }

        internal static Reply Json(int status, string json, params string[] headers) => Whole(status, "application/json", json, headers);

        internal static Reply Problem(int status, string code, params string[] headers) =>
            Whole(status, "application/problem+json", ProblemJson(status, code), headers);

        internal static string ProblemJson(int status, string code) =>
            "{\"type\":\"about:blank\",\"title\":\"T\",\"status\":" + status.ToString(CultureInfo.InvariantCulture) +
            ",\"code\":\"" + code + "\",\"detail\":\"What happened.\",\"request_id\":\"from-the-worker\"}";

        internal static Reply Whole(int status, string type, string body, params string[] headers)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(body);
            return new Reply().Then(Head(status, type, bytes.Length, headers)).Then(bytes);
        }

        internal static string Head(int status, string type, long length, params string[] headers) =>
            "HTTP/1.1 " + status + " S\r\nContent-Type: " + type + "\r\nContent-Length: " + length + "\r\nConnection: close\r\n" +
            string.Concat(headers.Select(header => header + "\r\n")) + "\r\n";

        /// <summary>The head of an answer whose end is the end of the last chunk.</summary>
        internal static string ChunkedHead(string type) =>
            "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";

        internal static string Chunk(string text) =>
            Encoding.UTF8.GetByteCount(text).ToString("x", CultureInfo.InvariantCulture) + "\r\n" + text + "\r\n";
    }

    /// <summary>
    /// Answers connections by a script, one reply each, in their order; the last reply again when it is at its end.
    /// </summary>
    internal sealed class ScriptedServer : IDisposable
    {
        private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly Queue<Reply> _replies;
        private readonly CancellationTokenSource _end = new CancellationTokenSource();

        internal ScriptedServer(params Reply[] replies)
        {
            _replies = new Queue<Reply>(replies);
            _listener.Start();
            _ = Task.Run(() => AcceptAsync());
        }

        internal Uri Address => new Uri("http://127.0.0.1:" + ((IPEndPoint)_listener.LocalEndpoint).Port);

        internal ConcurrentQueue<ScriptedRequest> Requests { get; } = new ConcurrentQueue<ScriptedRequest>();

        public void Dispose()
        {
            _end.Cancel();
            _listener.Stop();
        }

        private async Task AcceptAsync()
        {
            while (!_end.IsCancellationRequested)
            {
                TcpClient connection;
                try
                {
                    connection = await _listener.AcceptTcpClientAsync();
                }
                catch (Exception error) when (error is ObjectDisposedException || error is SocketException || error is InvalidOperationException)
                {
                    return;
                }
                _ = Task.Run(() => AnswerAsync(connection));
            }
        }

        private async Task AnswerAsync(TcpClient connection)
        {
            try
            {
                using (connection)
                using (NetworkStream stream = connection.GetStream())
                {
                    ScriptedRequest request = await ReadAsync(stream);
                    if (request == null)
                        return;
                    Requests.Enqueue(request);
                    Reply reply;
                    lock (_replies)
                        reply = _replies.Count > 1 ? _replies.Dequeue() : _replies.Peek();
                    foreach (object step in reply.Steps)
                        if (step is Task)
                            await Task.WhenAny((Task)step, Task.Delay(Timeout.Infinite, _end.Token));
                        else
                            await stream.WriteAsync((byte[])step, 0, ((byte[])step).Length, _end.Token);
                    await stream.FlushAsync();
                    if (reply.EndsByReset)
                        connection.Client.LingerState = new LingerOption(true, 0);
                }
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException || error is SocketException || error is OperationCanceledException)
            {
                // Whoever asked has left, as some tests do.
            }
        }

        private static async Task<ScriptedRequest> ReadAsync(Stream stream)
        {
            var bytes = new MemoryStream();
            int head;
            while ((head = Encoding.ASCII.GetString(bytes.ToArray()).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
                if (!await ReadMoreAsync(stream, bytes))
                    return null;
            string[] lines = Encoding.ASCII.GetString(bytes.ToArray(), 0, head).Split(new[] { "\r\n" }, StringSplitOptions.None);
            string[] first = lines[0].Split(' ');
            var request = new ScriptedRequest { Method = first[0], Target = first[1] };
            foreach (string line in lines.Skip(1))
                request.Headers[line.Substring(0, line.IndexOf(':'))] = line.Substring(line.IndexOf(':') + 1).Trim();
            int length = int.Parse(request.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture);
            while (bytes.Length < head + 4 + length)
                if (!await ReadMoreAsync(stream, bytes))
                    return null;
            request.Body = Encoding.UTF8.GetString(bytes.ToArray(), head + 4, length);
            return request;
        }

        private static async Task<bool> ReadMoreAsync(Stream stream, Stream into)
        {
            var buffer = new byte[4096];
            int count = await stream.ReadAsync(buffer, 0, buffer.Length);
            into.Write(buffer, 0, count);
            return count > 0;
        }
    }
}
