using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading.Tasks;
using AiWorker.SampleBackend;

namespace AiWorker.Tests
{
    /// <summary>A running worker, the built one; killed when disposed.</summary>
    internal sealed class Worker : IDisposable
    {
        internal const string ApiKey = "api-secret";
        internal const string AdminKey = "admin-secret";

        private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

        private readonly string _data;
        private readonly int _port;
        private Process _process;

        private Worker(string data, int port)
        {
            _data = data;
            _port = port;
        }

        internal Uri Address => new Uri("http://127.0.0.1:" + _port);

        /// <summary>Where the sample photos are.</summary>
        internal static string Samples => Need("SAMPLES_DIR", "the sample photos");

        /// <summary>A worker with nothing stored yet, which fetches photos from loopback.</summary>
        internal static async Task<Worker> StartAsync()
        {
            string data = Path.Combine(Path.GetTempPath(), "ai-worker-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(data);
            var worker = new Worker(data, PhotoServer.FreePort(IPAddress.Loopback));
            try
            {
                await worker.RestartAsync();
                return worker;
            }
            catch
            {
                worker.Dispose();
                throw;
            }
        }

        /// <summary>Starts it again, at the same address and with what it had stored.</summary>
        internal async Task RestartAsync()
        {
            string binary = Need("AI_WORKER", "the built worker"), models = Need("MODELS_DIR", "the models");
            // A folder without a .env, and none of this machine's settings.
            var start = new ProcessStartInfo(Path.GetFullPath(binary))
            {
                UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _data,
            };
            var kept = new HashSet<string> { "PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR" };
            foreach (string name in start.EnvironmentVariables.Keys.Cast<string>().ToList())
                if (!kept.Contains(name.ToUpperInvariant()))
                    start.EnvironmentVariables.Remove(name);
            foreach (DictionaryEntry setting in new Hashtable
            {
                ["PORT"] = _port.ToString(), ["DATA_DIR"] = _data, ["MODELS_DIR"] = Path.GetFullPath(models), ["API_KEY"] = ApiKey,
                ["ADMIN_KEY"] = AdminKey, ["PHOTO_NETWORKS"] = "127.0.0.1/32", ["CONSOLIDATE_MINUTES"] = "0",
                ["STORE_URLS"] = "full",
            })
                start.EnvironmentVariables[(string)setting.Key] = (string)setting.Value;
            // Else what waits for it would go on within the reading of its output, and stop that.
            var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var log = new StringBuilder();
            var process = new Process { StartInfo = start, EnableRaisingEvents = true };
            DataReceivedEventHandler read = (sender, line) =>
            {
                lock (log)
                    log.AppendLine(line.Data);
                if (line.Data?.Contains("address=") == true)
                    ready.TrySetResult(true);
            };
            process.OutputDataReceived += read;
            process.ErrorDataReceived += read;
            process.Exited += (sender, nothing) => ready.TrySetResult(false);
            process.Start();
            _process = process;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            bool started = await Task.WhenAny(ready.Task, Task.Delay(StartLimit)) == ready.Task && ready.Task.Result;
            lock (log)
                Check.True(started, "the worker did not start:\n" + log);
        }

        /// <summary>Ends it at once, as a power failure would.</summary>
        internal void Kill()
        {
            if (_process == null)
                return;
            if (!_process.HasExited)
                _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _process = null;
        }

        public void Dispose()
        {
            Kill();
            Directory.Delete(_data, true);
        }

        private static string Need(string variable, string what)
        {
            string value = Environment.GetEnvironmentVariable(variable);
            if (!string.IsNullOrEmpty(value))
                return value;
            string message = variable + " does not say where " + what + " is";
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")))
                throw new SkippedException(message);
            throw new CheckException(message);
        }
    }
}
