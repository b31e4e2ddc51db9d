using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>
    /// JSON of requests and answers: on .NET 8 by System.Text.Json and metadata that is part of this assembly, so that
    /// nothing is looked up at run time; else by the serializer of netstandard2.0. Tests hold the two against each other.
    /// </summary>
    internal static class Json
    {
        internal static byte[] Write<T>(T value) where T : class =>
#if NET8_0_OR_GREATER
            TextJson.Write(value);
#else
            DataContractJson.Write(value);
#endif

        /// <exception cref="SerializationException">It is not the JSON of such a value.</exception>
        internal static T Read<T>(byte[] json) where T : class =>
#if NET8_0_OR_GREATER
            TextJson.Read<T>(json);
#else
            DataContractJson.Read<T>(json);
#endif
    }
}
