using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace AiWorker.Tests
{
    /// <summary>What an example of a schema has.</summary>
    internal enum ExampleKind
    {
        /// <summary>Every field, and beside them some that no client knows.</summary>
        Full,

        /// <summary>Every field, null wherever that is allowed, and lists without entries.</summary>
        Empty,

        /// <summary>Only what is required.</summary>
        Required,
    }

    /// <summary>JSON values as the OpenAPI document allows them.</summary>
    internal static class Examples
    {
        private const string Unknown = "\"a later field\":{\"of\":[1,null,\"any\"]}";

        internal static byte[] Of(OpenApi document, Node schema, ExampleKind kind) =>
            Encoding.UTF8.GetBytes(Value(document, schema, kind, null));

        /// <summary>An object without one of its fields.</summary>
        internal static byte[] Without(OpenApi document, Node schema, string field) =>
            Encoding.UTF8.GetBytes(Value(document, schema, ExampleKind.Required, field));

        private static string Value(OpenApi document, Node schema, ExampleKind kind, string without)
        {
            Node[] alternatives = (schema["oneOf"]?.Items ?? new Node[0]).ToArray();
            bool takesNull = alternatives.Any(each => each["type"]?.Text == "null") || schema["type"]?.Items.Any(each => each.Text == "null") == true;
            if (takesNull && kind == ExampleKind.Empty)
                return "null";
            if (takesNull && alternatives.Length > 0)
                return Value(document, alternatives.Single(each => each["type"]?.Text != "null"), kind, without);
            Node resolved = document.Resolve(schema);
            IDictionary<string, Field> fields = document.Fields(resolved);
            if (fields.Count > 0)
                return "{" + string.Join(",", fields
                    .Where(field => field.Key != without && (field.Value.IsRequired || kind != ExampleKind.Required))
                    .Select(field => "\"" + field.Key + "\":" + Value(document, field.Value.Schema, kind, null))
                    .Concat(kind == ExampleKind.Full ? new[] { Unknown } : new string[0])) + "}";
            Node type = resolved["type"];
            switch (type == null ? null : type.Items.Any() ? type.Items.Single(each => each.Text != "null").Text : type.Text)
            {
                case null:
                    // Written as the worker writes it: the text is kept as it is.
                    return "{\"any\":[1.50,\"a/b \\\"c\\\" \u00e9\",null,true]}";
                case "string":
                    return resolved["format"]?.Text == "uuid" ? "\"0346a05c-0663-494d-8460-512a3cc5268d\"" : "\"foto \\\"a\\\"/\u00e9 \u5199 <&> \\n\"";
                case "boolean":
                    return "true";
                case "number":
                    return "0.951247930526733";
                case "integer":
                    return resolved["format"]?.Text == "int32" ? "2147483647" : "9007199254740993";
                case "array":
                    string item = Value(document, resolved["items"], kind == ExampleKind.Empty ? ExampleKind.Required : kind, null);
                    return kind == ExampleKind.Empty ? "[]" : "[" + item + "," + item + "]";
                case "object":
                    return kind == ExampleKind.Empty ? "{}" : "{\"a/b\":" + Value(document, resolved["additionalProperties"], kind, null) + "}";
                default:
                    throw new InvalidOperationException("an example of " + resolved.Name);
            }
        }
    }
}
