using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Serialization.Json;
using System.Text.RegularExpressions;
using System.Xml;

namespace AiWorker.Tests
{
    /// <summary>A JSON value of the OpenAPI document.</summary>
    internal sealed class Node
    {
        private readonly XmlElement _element;

        private Node(XmlElement element)
        {
            _element = element;
        }

        internal static Node Read(string path)
        {
            var document = new XmlDocument();
            using (XmlReader reader = JsonReaderWriterFactory.CreateJsonReader(File.ReadAllBytes(path), XmlDictionaryReaderQuotas.Max))
                document.Load(reader);
            return new Node(document.DocumentElement);
        }

        /// <summary>The framework puts what is no XML name into an attribute.</summary>
        internal string Name => _element.HasAttribute("item") ? _element.GetAttribute("item") : _element.LocalName;

        internal string Text => _element.InnerText;

        internal IEnumerable<Node> Items => _element.ChildNodes.OfType<XmlElement>().Select(child => new Node(child));

        /// <summary>Null when there is none.</summary>
        internal Node this[string name] => Items.FirstOrDefault(child => child.Name == name);
    }

    /// <summary>A field of an object, as the document describes it.</summary>
    internal sealed class Field
    {
        internal Field(Node schema, bool required)
        {
            Schema = schema;
            IsRequired = required;
        }

        internal Node Schema { get; }

        internal bool IsRequired { get; }
    }

    /// <summary>The document in the repository, which the worker's own tests hold against its routes and its answers.</summary>
    internal sealed class OpenApi
    {
        internal const string Path = "clients/openapi.json";

        private readonly Node _document = Node.Read(Path);

        internal IEnumerable<Node> Schemas => _document["components"]["schemas"].Items;

        /// <summary>The codes of every problem that an operation lists, and of those that any path may have.</summary>
        internal ISet<string> ProblemCodes => new HashSet<string>(
            Operations.SelectMany(operation => operation["responses"].Items)
                .SelectMany(response => Regex.Matches(response["description"].Text, "`([a-z_]+)`: ").Cast<Match>())
                .Concat(Regex.Matches(_document["info"]["description"].Text, "40[45] `([a-z_]+)`").Cast<Match>())
                .Select(match => match.Groups[1].Value));

        /// <summary>
        /// The operations that a backend calls, each with a pattern that its paths have; the others are documents, and
        /// what looks after the worker.
        /// </summary>
        internal IEnumerable<(string Id, string Method, Regex Path)> Calls =>
            from path in _document["paths"].Items
            where path.Name == "/health" || path.Name.StartsWith("/api/", StringComparison.Ordinal)
            from operation in path.Items
            // A second path of a picture that the client has by its first.
            where operation["operationId"].Text != "get_thumbnail_of_cluster"
            let pattern = "^" + Regex.Replace(Regex.Escape(path.Name), @"\\{(\w+)}", "[^/]+") + "$"
            select (operation["operationId"].Text, operation.Name.ToUpperInvariant(), new Regex(pattern));

        /// <summary>
        /// The schema of what an operation answers with success: its name, and whether it answers a list of them. The name is null
        /// for an operation that answers no JSON object.
        /// </summary>
        internal (string Name, bool IsList) Answer(string operationId)
        {
            Node operation = Operations.Single(each => each["operationId"].Text == operationId);
            Node schema = operation["responses"].Items.Single(response => response.Name.StartsWith("2", StringComparison.Ordinal))
                ["content"]?["application/json"]?["schema"];
            return schema == null ? (null, false) : schema["items"] == null ? (NameOf(schema), false) : (NameOf(schema["items"]), true);
        }

        /// <summary>The names of the schemas that those operations speak in, directly or within others.</summary>
        internal ISet<string> Spoken
        {
            get
            {
                var calls = new HashSet<string>(Calls.Select(call => call.Id));
                var names = new HashSet<string>();
                foreach (Node operation in Operations.Where(operation => calls.Contains(operation["operationId"].Text)))
                    AddReferences(operation, names);
                return names;
            }
        }

        internal IEnumerable<Node> Operations => _document["paths"].Items.SelectMany(path => path.Items);

        private void AddReferences(Node node, ISet<string> names)
        {
            string name = node["$ref"] == null ? null : NameOf(node);
            if (name != null && names.Add(name))
                AddReferences(Schema(name), names);
            foreach (Node part in node.Items)
                AddReferences(part, names);
        }

        internal Node Schema(string name) => _document["components"]["schemas"][name];

        /// <summary>The schema that a reference leads to; itself when it is none.</summary>
        internal Node Resolve(Node schema) => schema["$ref"] == null ? schema : Resolve(Schema(NameOf(schema)));

        /// <summary>The name that a reference names; null when it is none.</summary>
        internal static string NameOf(Node schema) => schema["$ref"]?.Text.Split('/').Last();

        /// <summary>
        /// The fields of an object; empty for what is none. Of alternatives, every field of any, and required is what all
        /// of them require.
        /// </summary>
        internal IDictionary<string, Field> Fields(Node schema)
        {
            schema = Resolve(schema);
            var required = new HashSet<string>((schema["required"]?.Items ?? new Node[0]).Select(name => name.Text));
            var fields = (schema["properties"]?.Items ?? new Node[0])
                .ToDictionary(property => property.Name, property => new Field(property, required.Contains(property.Name)));
            foreach (Node part in schema["allOf"]?.Items ?? new Node[0])
                foreach (KeyValuePair<string, Field> field in Fields(part))
                    fields[field.Key] = field.Value;
            Node alternatives = schema["oneOf"] ?? schema["anyOf"];
            if (alternatives != null)
            {
                List<IDictionary<string, Field>> all = alternatives.Items.Select(Fields).Where(each => each.Count > 0).ToList();
                foreach (KeyValuePair<string, Field> field in all.SelectMany(each => each))
                    fields[field.Key] = new Field(
                        field.Value.Schema, all.All(each => each.TryGetValue(field.Key, out Field same) && same.IsRequired));
            }
            return fields;
        }
    }
}
