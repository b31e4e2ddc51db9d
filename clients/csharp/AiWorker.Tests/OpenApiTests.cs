using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.Serialization;
using System.Threading.Tasks;
using AiWorker.Client;

namespace AiWorker.Tests
{
    /// <summary>The client's classes against the OpenAPI document, in both directions.</summary>
    internal static class OpenApiTests
    {
        /// <summary>Alternatives of which the client makes one class.</summary>
        private static readonly string[] PartsOfUnions = { "DescriptionReport", "PartitionReport", "BatchAnswer", "BatchProblem" };

        private static readonly IDictionary<string, Type> Constants = new Dictionary<string, Type>
        {
            ["Slot"] = typeof(PluginSlots), ["Gender"] = typeof(Genders), ["DecidedBy"] = typeof(Deciders),
            ["ChangeKind"] = typeof(ChangeKinds), ["AuditEvent"] = typeof(AuditEvents), ["JobKind"] = typeof(JobKinds),
            ["JobState"] = typeof(JobStates), ["FailureKind"] = typeof(FailureKinds),
            ["KeyRole"] = typeof(Roles),
            ["CorrectionKind"] = typeof(CorrectionKinds),
        };

        private static IDictionary<string, Type> Classes => JsonTests.Classes.ToDictionary(type => type.Name);

        [Test]
        private static Task Every_object_has_a_class_and_every_class_an_object()
        {
            var document = new OpenApi();
            ISet<string> spoken = document.Spoken;
            IEnumerable<string> objects = document.Schemas.Where(schema => document.Fields(schema).Count > 0)
                .Select(schema => schema.Name).Where(spoken.Contains).Except(PartsOfUnions);
            Check.SameSet(objects, Classes.Keys, "classes");
            foreach (string part in PartsOfUnions)
                Check.True(document.Schema(part) != null, part + " is no more");
            return Task.CompletedTask;
        }

        [Test]
        private static Task Every_class_has_the_fields_of_its_object_and_no_others()
        {
            var document = new OpenApi();
            var found = new List<string>();
            foreach (KeyValuePair<string, Type> type in Classes.Where(type => document.Schema(type.Key) != null))
            {
                IDictionary<string, Field> fields = document.Fields(document.Schema(type.Key));
                IDictionary<string, PropertyInfo> members = type.Value.GetProperties()
                    .Where(property => property.GetCustomAttribute<DataMemberAttribute>() != null)
                    .ToDictionary(property => property.GetCustomAttribute<DataMemberAttribute>().Name);
                found.AddRange(fields.Keys.Except(members.Keys).Select(name => type.Key + "." + name + " is not in the client"));
                found.AddRange(members.Keys.Except(fields.Keys).Select(name => type.Key + "." + name + " is not in the document"));
                foreach (string name in fields.Keys.Intersect(members.Keys))
                    found.AddRange(Differences(document, fields[name], members[name]).Select(
                        difference => type.Key + "." + name + ": " + difference));
            }
            Check.Same(new string[0], found, "differences");
            return Task.CompletedTask;
        }

        [Test]
        private static Task Constants_are_those_of_the_document()
        {
            var document = new OpenApi();
            foreach (KeyValuePair<string, Type> type in Constants)
                Check.SameSet(document.Schema(type.Key)["enum"].Items.Select(value => value.Text), Texts(type.Value), type.Key);
            Node list = document.Operations.Single(operation => operation["operationId"].Text == "list_clusters");
            Node sort = list["parameters"].Items.Single(parameter => parameter["name"].Text == "sort")["schema"];
            Check.SameSet(sort["enum"].Items.Select(value => value.Text), Texts(typeof(ClusterSorts)), "sort");
            Check.SameSet(document.ProblemCodes, Texts(typeof(ProblemCodes)), "codes");
            return Task.CompletedTask;
        }

        private static IEnumerable<string> Texts(Type type) => type.GetFields().Select(field => (string)field.GetRawConstantValue());

        private static IEnumerable<string> Differences(OpenApi document, Field field, PropertyInfo property)
        {
            DataMemberAttribute member = property.GetCustomAttribute<DataMemberAttribute>();
            if (member.IsRequired != field.IsRequired)
                yield return field.IsRequired ? "is required in the document" : "is not required in the document";
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            bool takesNull = type != property.PropertyType || !type.IsValueType;
            // What a request leaves out has a default in the client too.
            bool isRequest = property.DeclaringType.Name.EndsWith("Request", StringComparison.Ordinal);
            bool mayBeNull = IsNullable(field.Schema) || !field.IsRequired && !isRequest;
            if (mayBeNull && !takesNull)
                yield return "may be null or missing in the document";
            if (!mayBeNull && type != property.PropertyType && !isRequest)
                yield return "is never null in the document";
#if NET8_0_OR_GREATER
            // A list that may be missing and is empty then is never null.
            bool isNull = mayBeNull && member.Name != "degraded";
            bool isAnnotated = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
            if (!isRequest && isAnnotated != isNull && property.DeclaringType != typeof(AiWorkerClient).Assembly.GetType("AiWorker.Client.BatchLine"))
                yield return isNull ? "is not annotated as nullable" : "is annotated as nullable";
#endif
            string expected = Expected(document, field.Schema, isRequest), found = Name(type);
            if (expected != found)
                yield return "should be " + expected + " and is " + found;
        }

        private static bool IsNullable(Node schema) =>
            schema["type"]?.Items.Any(type => type.Text == "null") == true ||
            schema["oneOf"]?.Items.Any(alternative => alternative["type"]?.Text == "null") == true;

        /// <summary>The name of the type that a value of a schema has in the client, without a question mark.</summary>
        private static string Expected(OpenApi document, Node schema, bool isInner = false)
        {
            if (IsNullable(schema) && schema["oneOf"] != null)
                return Expected(document, schema["oneOf"].Items.Single(alternative => alternative["type"]?.Text != "null"), isInner);
            Node resolved = document.Resolve(schema);
            if (document.Fields(resolved).Count > 0)
                return OpenApi.NameOf(schema);
            Node type = resolved["type"];
            string name = type == null ? null : type.Items.Any() ? type.Items.Single(each => each.Text != "null").Text : type.Text;
            switch (name)
            {
                // Any JSON, as text.
                case null:
                    return "String";
                case "string":
                    return resolved["format"]?.Text == "uuid" ? "Guid" : "String";
                case "boolean":
                    return "Boolean";
                case "number":
                    return "Double";
                case "integer":
                    return resolved["format"]?.Text == "int32" ? "Int32" : "Int64";
                case "array":
                    // Within another list it is the interface that it always was.
                    Node items = document.Resolve(resolved["items"]);
                    return (isInner ? "IList<" : "AnswerList<") + Expected(document, items["type"]?.Text == "array" ? items : resolved["items"], true) + ">";
                case "object":
                    return "IDictionary<String, " + Expected(document, resolved["additionalProperties"]) + ">";
                default:
                    return "a class for " + name;
            }
        }

        private static string Name(Type type) => type.IsGenericType
            ? type.Name.Split('`')[0] + "<" + string.Join(", ", type.GetGenericArguments().Select(Name)) + ">"
            : type.Name;
    }
}
