#if NET8_0_OR_GREATER
using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace AiWorker.Client
{
    /// <summary>
    /// What System.Text.Json needs to know of every class, without reflection. The part of it that names the classes is
    /// generated from them.
    /// </summary>
    internal sealed partial class JsonMetadata : IJsonTypeInfoResolver
    {
        /// <inheritdoc/>
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) =>
            Types.TryGetValue(type, out Func<JsonSerializerOptions, JsonTypeInfo>? make) ? make(options) : null;

        private static JsonTypeInfo Value<T>(JsonSerializerOptions options, JsonConverter<T> converter) =>
            JsonMetadataServices.CreateValueInfo<T>(options, converter);

        private static JsonTypeInfo Optional<T>(JsonSerializerOptions options) where T : struct =>
            JsonMetadataServices.CreateValueInfo<T?>(
                options, JsonMetadataServices.GetNullableConverter((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))));

        /// <param name="options">The options that it is for.</param>
        /// <param name="make">Null for a class that is only written.</param>
        /// <param name="properties">Its properties.</param>
        private static JsonTypeInfo Object<T>(JsonSerializerOptions options, Func<T>? make, Func<JsonPropertyInfo[]> properties)
            where T : notnull =>
            JsonMetadataServices.CreateObjectInfo(
                options, new JsonObjectInfoValues<T> { ObjectCreator = make, PropertyMetadataInitializer = _ => properties() });

        private static JsonTypeInfo List<T>(JsonSerializerOptions options) =>
            JsonMetadataServices.CreateIListInfo<AnswerList<T>, T>(
                options, new JsonCollectionInfoValues<AnswerList<T>> { ObjectCreator = () => new AnswerList<T>() });

        private static JsonTypeInfo Interface<T>(JsonSerializerOptions options) =>
            JsonMetadataServices.CreateIListInfo<IList<T>, T>(options, new JsonCollectionInfoValues<IList<T>>());

        private static JsonTypeInfo Dictionary<T>(JsonSerializerOptions options) =>
            JsonMetadataServices.CreateIDictionaryInfo<IDictionary<string, T>, string, T>(
                options, new JsonCollectionInfoValues<IDictionary<string, T>>());

        private static JsonTypeInfo Array<T>(JsonSerializerOptions options) =>
            JsonMetadataServices.CreateArrayInfo(
                options, new JsonCollectionInfoValues<T[]> { ObjectCreator = null });

        /// <summary>A field that every answer has.</summary>
        private static JsonPropertyInfo Required<TObject, T>(
            JsonSerializerOptions options, string name, Func<TObject, T?> get, Action<TObject, T?>? set)
        {
            JsonPropertyInfo property = Property(options, name, get, set, JsonIgnoreCondition.Never);
            property.IsRequired = set != null;
            return property;
        }

        /// <summary>A field that may be missing.</summary>
        private static JsonPropertyInfo Field<TObject, T>(
            JsonSerializerOptions options, string name, Func<TObject, T?> get, Action<TObject, T?>? set) =>
            Property(options, name, get, set, JsonIgnoreCondition.Never);

        /// <summary>A field that may be missing, and is not written when it is null.</summary>
        private static JsonPropertyInfo Unwritten<TObject, T>(
            JsonSerializerOptions options, string name, Func<TObject, T?> get, Action<TObject, T?>? set) =>
            Property(options, name, get, set, JsonIgnoreCondition.WhenWritingNull);

        /// <summary>A field of any JSON value, which is kept as text.</summary>
        private static JsonPropertyInfo AnyValue<TObject>(
            JsonSerializerOptions options, string name, Func<TObject, string?> get, Action<TObject, string?> set)
        {
            JsonPropertyInfo property = Required(options, name, get, set);
            property.CustomConverter = new AnyValueConverter();
            return property;
        }

        private static JsonPropertyInfo Property<TObject, T>(
            JsonSerializerOptions options, string name, Func<TObject, T?> get, Action<TObject, T?>? set,
            JsonIgnoreCondition ignored) =>
            JsonMetadataServices.CreatePropertyInfo(options, new JsonPropertyInfoValues<T>
            {
                IsProperty = true,
                IsPublic = true,
                DeclaringType = typeof(TObject),
                PropertyName = name,
                JsonPropertyName = name,
                Getter = each => get((TObject)each),
                Setter = set == null ? null : (each, value) => set((TObject)each, value),
                IgnoreCondition = ignored,
            });

        /// <summary>The text of a JSON value of any kind.</summary>
        private sealed class AnyValueConverter : JsonConverter<string>
        {
            public override bool HandleNull => true;

            public override string Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
            {
                using (JsonDocument value = JsonDocument.ParseValue(ref reader))
                    return value.RootElement.GetRawText();
            }

            public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
                writer.WriteRawValue(value);
        }
    }
}
#endif
