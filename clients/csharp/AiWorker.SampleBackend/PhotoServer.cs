using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace AiWorker.SampleBackend
{
    /// <summary>
    /// Serves photos from files here, as the worker takes URLs only: each at an address that cannot be guessed, for as
    /// long as this object lives. The worker must be allowed to fetch from there (<c>PHOTO_NETWORKS</c>).
    /// </summary>
    internal sealed class PhotoServer : IDisposable
    {
        private const int Attempts = 10;

        private readonly HttpListener _listener;
        private readonly string _base;
        private readonly ConcurrentDictionary<string, string> _paths = new ConcurrentDictionary<string, string>();

        private PhotoServer(HttpListener listener, string @base)
        {
            _listener = listener;
            _base = @base;
        }

        /// <summary>
        /// Serves on a free port of an IPv4 address of this machine; <see cref="HttpListener"/> takes no other but on
        /// Windows.
        /// </summary>
        internal static PhotoServer Start(IPAddress address)
        {
            for (int attempt = 1; ; attempt++)
            {
                string prefix = "http://" + address + ":" + FreePort(address) + "/";
                var listener = new HttpListener();
                listener.Prefixes.Add(prefix);
                try
                {
                    listener.Start();
                }
                catch (Exception error) when (attempt < Attempts && (error is HttpListenerException || error is SocketException))
                {
                    // Somebody else took the port in between.
                    listener.Close();
                    continue;
                }
                var server = new PhotoServer(listener, prefix);
                _ = Task.Run(() => server.ServeAsync());
                return server;
            }
        }

        /// <summary>The address of a file.</summary>
        internal string Add(string path)
        {
            string name = Guid.NewGuid().ToString("N");
            _paths[name] = path;
            return _base + name;
        }

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (true)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync().ConfigureAwait(false);
                }
                catch (Exception error) when (error is HttpListenerException || error is ObjectDisposedException || error is InvalidOperationException)
                {
                    return;
                }
                _ = Task.Run(() => AnswerAsync(context));
            }
        }

        private async Task AnswerAsync(HttpListenerContext context)
        {
            HttpListenerResponse response = context.Response;
            try
            {
                if (_paths.TryGetValue(context.Request.Url.AbsolutePath.TrimStart('/'), out string path) && File.Exists(path))
                    using (FileStream file = File.OpenRead(path))
                    {
                        response.ContentLength64 = file.Length;
                        await file.CopyToAsync(response.OutputStream).ConfigureAwait(false);
                    }
                else
                    response.StatusCode = (int)HttpStatusCode.NotFound;
                // Disposing instead would cut the connection, on which the worker may have sent its next request.
                response.Close();
            }
            catch (Exception)
            {
                // Whoever asked has left, or sees that the answer was cut, also when the file cannot be read.
                response.Abort();
            }
        }

        internal static int FreePort(IPAddress address)
        {
            var listener = new TcpListener(address, 0);
            listener.Start();
            try
            {
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            finally
            {
                listener.Stop();
            }
        }
    }
}
