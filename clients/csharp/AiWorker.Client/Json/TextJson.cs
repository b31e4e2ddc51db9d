#if NET8_0_OR_GREATER
using System;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AiWorker.Client
{
    /// <summary>
    /// JSON by System.Text.Json. Fields that a class does not have are skipped, so that a later worker's answers can be read.
    /// </summary>
    internal static class TextJson
    {
        private static readonly JsonSerializerOptions Options = new JsonSerializerOptions { TypeInfoResolver = new JsonMetadata() };

        internal static byte[] Write<T>(T value) where T : class => JsonSerializer.SerializeToUtf8Bytes(value, Of<T>());

        /// <exception cref="SerializationException">It is not the JSON of such a value.</exception>
        internal static T Read<T>(byte[] json) where T : class
        {
            try
            {
                return JsonSerializer.Deserialize(json, Of<T>())
                    ?? throw new SerializationException("null is no " + typeof(T).Name);
            }
            catch (JsonException error)
            {
                throw new SerializationException("not the JSON of a " + typeof(T).Name, error);
            }
        }

        private static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
    }
}
#endif
