#if NET8_0_OR_GREATER
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using AiWorker.Client;
using AiWorker.SampleBackend;

namespace AiWorker.Tests
{
    /// <summary>Something else in the place of the client.</summary>
    internal static class FakeTests
    {
        [Test]
        private static Task The_interface_has_every_call_of_the_client()
        {
            IEnumerable<string> calls = typeof(AiWorkerClient).GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Select(method => method.ToString());
            Check.SameSet(calls, typeof(IAiWorkerClient).GetMethods().Select(method => method.ToString()), "calls");
            foreach (MethodInfo method in typeof(IAiWorkerClient).GetMethods())
            {
                ParameterInfo[] expected = typeof(AiWorkerClient).GetMethod(
                    method.Name, method.GetParameters().Select(parameter => parameter.ParameterType).ToArray()).GetParameters();
                Check.Same(
                    expected.Select(parameter => parameter.Name + " = " + parameter.RawDefaultValue),
                    method.GetParameters().Select(parameter => parameter.Name + " = " + parameter.RawDefaultValue), method.Name);
            }
            return Task.CompletedTask;
        }

        [Test]
        private static async Task The_sample_backend_works_on_a_fake()
        {
            IAiWorkerClient fake = Fake.Of(new Dictionary<string, Func<object[], object>>
            {
                ["ProcessBatchAsync"] = arguments => Task.FromResult(new BatchReader(((IEnumerable<ProcessRequest>)arguments[0]).Select(
                    (photo, index) => photo.ImageUrl.Contains("bad")
                        ? new BatchResult(index, photo.FileId, AiWorkerProblemException.Create((HttpStatusCode)422, ProblemCodes.PhotoNotAnImage))
                        : new BatchResult(index, photo.FileId, new ProcessAnswer
                        {
                            FileId = photo.FileId, Context = "Secangkir kopi", Tags = new[] { "kopi" },
                            Faces = new[] { new DescribedFace { FaceId = Guid.NewGuid(), ClusterId = Scripted.One, BoundingBox = new[] { 0, 0, 9, 9 } } },
                        })))),
            });
            string folder = Path.Combine(Path.GetTempPath(), "backend-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            try
            {
                var settings = new Settings(new Uri("http://127.0.0.1:1"), null, Path.Combine(folder, "backend.db"), IPAddress.Loopback);
                var output = new StringWriter();
                var backend = new CommandLine(settings, fake, output);
                Check.Equal(0, await backend.RunAsync(new[] { "import", "http://p/a.jpg", "http://p/bad.jpg" }, CancellationToken.None), "status");
                Check.True(output.ToString().Contains("Secangkir kopi; 1 face(s)"), output.ToString());
                Check.True(output.ToString().Contains("refused"), output.ToString());
                using (Database database = Database.Open(SqliteProvider.Factory, settings.Database))
                    Check.Equal(Scripted.One, new People(database).All().Single().ClusterId, "person");
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        [Test]
        private static async Task Streams_work_on_a_fake()
        {
            IAiWorkerClient fake = Fake.Of(new Dictionary<string, Func<object[], object>>
            {
                ["ListFacesAsync"] = arguments => Task.FromResult(new FacePage
                {
                    Faces = new[] { new ClusterFace { FileId = "after " + arguments[1] } }, Next = arguments[1] == null ? 5 : (long?)null,
                }),
                ["ProcessBatchAsync"] = arguments => Task.FromResult(new BatchReader(Failing())),
            });
            var seen = new List<string>();
            await foreach (ClusterFace face in fake.AllFacesAsync(Scripted.One))
                seen.Add(face.FileId);
            Check.Same(new[] { "after ", "after 5" }, seen, "faces");
            seen.Clear();
            await Check.ThrowsAsync<AiWorkerConnectionException>(async () =>
            {
                await foreach (BatchResult result in fake.ProcessEachAsync(new[] { new ProcessRequest("a", "http://p/a.jpg") }))
                    seen.Add(result.FileId);
            }, "cut");
            Check.Same(new[] { "a" }, seen, "results before the cut");
        }

        private static IEnumerable<BatchResult> Failing()
        {
            yield return new BatchResult(0, "a", new ProcessAnswer());
            throw new AiWorkerConnectionException("cut");
        }
    }

    /// <summary>A client of which only some calls are there.</summary>
    public class Fake : DispatchProxy
    {
        private IDictionary<string, Func<object[], object>> _calls;

        internal static IAiWorkerClient Of(IDictionary<string, Func<object[], object>> calls)
        {
            IAiWorkerClient fake = Create<IAiWorkerClient, Fake>();
            ((Fake)(object)fake)._calls = calls;
            return fake;
        }

        /// <inheritdoc/>
        protected override object Invoke(MethodInfo method, object[] arguments) => _calls[method.Name](arguments);
    }
}
#endif
