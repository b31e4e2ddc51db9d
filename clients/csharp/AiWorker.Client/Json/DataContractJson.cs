using System;
using System.IO;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;

namespace AiWorker.Client
{
    /// <summary>
    /// JSON by the serializer that netstandard2.0 has without a package. Fields that a class does not have are skipped, so
    /// that a later worker's answers can be read. On .NET 8 only the tests take it.
    /// </summary>
    internal static class DataContractJson
    {
        /// <summary>Any JSON value in a <see cref="Difference"/>, which is kept as text.</summary>
        private const string AnyValues = "//examples/*/*[self::active or self::candidate]";

        /// <summary>One serializer a type, whose construction is what takes time; it may be used by several threads.</summary>
        private static class Of<T>
        {
            internal static readonly DataContractJsonSerializer Serializer = new DataContractJsonSerializer(
                typeof(T), new DataContractJsonSerializerSettings { UseSimpleDictionaryFormat = true });
        }

        internal static byte[] Write<T>(T value) where T : class
        {
            using (var stream = new MemoryStream())
            {
                Of<T>.Serializer.WriteObject(stream, value);
                return stream.ToArray();
            }
        }

        /// <exception cref="SerializationException">It is not the JSON of such a value.</exception>
        internal static T Read<T>(byte[] json) where T : class
        {
            try
            {
                if (typeof(T) == typeof(ShadowReport) || typeof(T) == typeof(SlotReport[]))
                    json = WithTexts(json);
                using (var stream = new MemoryStream(json, false))
                {
                    object? value = Of<T>.Serializer.ReadObject(stream);
                    if (value == null)
                        throw new SerializationException("null is no " + typeof(T).Name);
                    return (T)value;
                }
            }
            catch (Exception error) when (!(error is SerializationException) && !(error is OutOfMemoryException))
            {
                // Which exception a wrong type gives differs between runtimes.
                throw new SerializationException("not the JSON of a " + typeof(T).Name, error);
            }
        }

        /// <summary>Puts the JSON text of values of any type in their place, for which the serializer has no type.</summary>
        private static byte[] WithTexts(byte[] json)
        {
            var document = new XmlDocument { XmlResolver = null };
            using (XmlReader reader = JsonReaderWriterFactory.CreateJsonReader(json, XmlDictionaryReaderQuotas.Max))
                document.Load(reader);
            foreach (XmlElement value in document.SelectNodes(AnyValues)!)
            {
                string text = Text(value);
                value.RemoveAll();
                value.SetAttribute("type", "string");
                value.InnerText = text;
            }
            return Encoding.UTF8.GetBytes(Text(document.DocumentElement!));
        }

        /// <summary>The JSON that an element of the framework's mapping between JSON and XML stands for.</summary>
        private static string Text(XmlElement element)
        {
            using (var stream = new MemoryStream())
            {
                using (XmlDictionaryWriter writer = JsonReaderWriterFactory.CreateJsonWriter(stream, Encoding.UTF8, false))
                {
                    writer.WriteStartElement("root");
                    foreach (XmlAttribute attribute in element.Attributes)
                        writer.WriteAttributeString(attribute.Name, attribute.Value);
                    element.WriteContentTo(writer);
                    writer.WriteEndElement();
                }
                // The writer puts a backslash before every slash, which the worker does not.
                return Encoding.UTF8.GetString(stream.ToArray()).Replace("\\/", "/");
            }
        }
    }
}
