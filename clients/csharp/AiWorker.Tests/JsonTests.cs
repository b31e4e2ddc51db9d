using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>
    /// The two ways in which the client reads and writes JSON, held against each other: System.Text.Json, which it takes on
    /// .NET 8, and the serializer of netstandard2.0.
    /// </summary>
    internal static class JsonTests
    {
        private const string Update = "UPDATE_JSON_METADATA";

        internal static IEnumerable<Type> Classes => typeof(AiWorkerClient).Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<DataContractAttribute>() != null);

        [Test]
        private static Task The_metadata_is_what_the_classes_give()
        {
            string expected = JsonMetadataSource.Text();
            if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Update)))
                File.WriteAllText(JsonMetadataSource.Path, expected);
            Check.True(
                File.ReadAllText(JsonMetadataSource.Path) == expected,
                JsonMetadataSource.Path + " is not what the classes give; run this test with " + Update + "=1, and build again");
            return Task.CompletedTask;
        }
#if NET8_0_OR_GREATER

        [Test]
        private static Task Both_read_every_class_of_the_document_in_the_same_way()
        {
            var document = new OpenApi();
            int read = 0;
            foreach (Type type in Classes.Where(type => document.Schema(type.Name) != null))
                foreach (ExampleKind kind in Enum.GetValues(typeof(ExampleKind)))
                {
                    byte[] json = Examples.Of(document, document.Schema(type.Name), kind);
                    string what = type.Name + ", " + kind;
                    if (type.Name.EndsWith("Request", StringComparison.Ordinal))
                        CheckWritten(type, Reader("DataContractJson", type)(json), what);
                    else if (type == typeof(SlotReport))
                        // Comes in lists only, and what is in it of any JSON is looked for there.
                        CheckSame(typeof(SlotReport[]), Encoding.UTF8.GetBytes("[" + Encoding.UTF8.GetString(json) + "]"), what);
                    else if (type != typeof(Difference))
                        CheckSame(type, json, what);
                    read++;
                }
            Check.True(read > 300, "only " + read + " examples");
            return Task.CompletedTask;
        }

        [Test]
        private static Task Both_refuse_the_same()
        {
            var document = new OpenApi();
            foreach (string json in new[]
            {
                "", "null", "[]", "{}", "42", "\"a\"", "{\"file_id\":\"a\"", "{\"file_id\":\"a\",\"faces\":[],\"tags\":[]}",
                "{\"file_id\":\"a\",\"faces\":{\"no\":1},\"tags\":7,\"context\":\"c\"}", "\uFEFF" + Scripted.Answer,
            })
                foreach (Func<byte[], object> reader in new[] { Reader("TextJson", typeof(ProcessAnswer)), Reader("DataContractJson", typeof(ProcessAnswer)) })
                    try
                    {
                        reader(Encoding.UTF8.GetBytes(json));
                        throw new CheckException("this was read: " + json);
                    }
                    catch (TargetInvocationException error)
                    {
                        Check.Equal(typeof(SerializationException), error.InnerException.GetType(), json);
                    }
            // Each field that the document requires, when it is missing.
            foreach (Type type in Classes.Where(type => document.Schema(type.Name) != null && !type.Name.EndsWith("Request", StringComparison.Ordinal)))
                foreach (string name in document.Fields(document.Schema(type.Name)).Where(field => field.Value.IsRequired).Select(field => field.Key))
                {
                    byte[] json = Examples.Without(document, document.Schema(type.Name), name);
                    foreach (string way in new[] { "TextJson", "DataContractJson" })
                        try
                        {
                            Reader(way, type)(json);
                            throw new CheckException(way + " reads a " + type.Name + " without " + name);
                        }
                        catch (TargetInvocationException error)
                        {
                            Check.Equal(typeof(SerializationException), error.InnerException.GetType(), type.Name + " without " + name);
                        }
                }
            return Task.CompletedTask;
        }

        /// <summary>Checks every answer that a worker gave, each of which the document describes.</summary>
        internal static void CheckSame(OpenApi document, IEnumerable<(string Method, string Path, byte[] Json)> answers)
        {
            IDictionary<string, Type> classes = Classes.ToDictionary(type => type.Name);
            var seen = new HashSet<Type>();
            foreach ((string method, string path, byte[] json) in answers)
            {
                string operation = document.Calls.First(call => call.Method == method && call.Path.IsMatch(path)).Id;
                (string name, bool isList) = document.Answer(operation);
                Type type = isList ? classes[name].MakeArrayType() : classes[name];
                CheckSame(type, json, operation);
                seen.Add(type);
            }
            Check.True(seen.Count > 35, "only " + seen.Count + " classes");
        }

        /// <summary>Checks that both read the same, and that each writes what the other reads as the same.</summary>
        internal static void CheckSame(Type type, byte[] json, string what)
        {
            object text = Reader("TextJson", type)(json), contract = Reader("DataContractJson", type)(json);
            Check.Equal(Written("DataContractJson", type, contract), Written("DataContractJson", type, text), what + " as read");
            CheckWritten(type, text, what);
        }

        private static void CheckWritten(Type type, object value, string what)
        {
            object again = Reader("DataContractJson", type)(Encoding.UTF8.GetBytes(Written("TextJson", type, value)));
            Check.Equal(Written("DataContractJson", type, value), Written("DataContractJson", type, again), what + " as written");
        }

        private static Func<byte[], object> Reader(string way, Type type)
        {
            MethodInfo read = Way(way, "Read", type);
            return json => read.Invoke(null, new object[] { json });
        }

        private static string Written(string way, Type type, object value) =>
            Encoding.UTF8.GetString((byte[])Way(way, "Write", type).Invoke(null, new[] { value }));

        private static MethodInfo Way(string way, string name, Type type) =>
            typeof(AiWorkerClient).Assembly.GetType("AiWorker.Client." + way)
                .GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic).MakeGenericMethod(type);
#endif
    }
}
