using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>The state of the worker and its parts.</summary>
    [DataContract]
    public sealed class Health
    {
        /// <summary>
        /// <c>ok</c>, or <c>degraded</c> when the vector store does not answer or takes no photos, or a device has failed.
        /// </summary>
        [DataMember(Name = "status", IsRequired = true)]
        public string Status { get; set; } = "";

        /// <summary>The worker's version.</summary>
        [DataMember(Name = "version", IsRequired = true)]
        public string Version { get; set; } = "";

        /// <summary>The devices that inference runs on, and why others are not used.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public DeviceReport Device { get; set; } = new DeviceReport();

        /// <summary>The store of faces.</summary>
        [DataMember(Name = "vector_store", IsRequired = true)]
        public StoreHealth VectorStore { get; set; } = new StoreHealth();

        /// <summary>The active model set.</summary>
        [DataMember(Name = "model_set", IsRequired = true)]
        public string ModelSet { get; set; } = "";

        /// <summary>Its networks.</summary>
        [DataMember(Name = "models", IsRequired = true)]
        public AnswerList<ModelStatus> Models { get; set; } = new AnswerList<ModelStatus>();

        /// <summary>The evidence that the model set can give to plugins.</summary>
        [DataMember(Name = "evidence", IsRequired = true)]
        public Evidence Evidence { get; set; } = new Evidence();

        /// <summary>
        /// Tags of the active tagger that need evidence which the model set cannot give, as far as the tagger declares
        /// what each tag needs.
        /// </summary>
        [DataMember(Name = "tags_out_of_reach", IsRequired = true)]
        public AnswerList<string> TagsOutOfReach { get; set; } = new AnswerList<string>();

        /// <summary>The plugins in the slots.</summary>
        [DataMember(Name = "plugins", IsRequired = true)]
        public PluginIdentities Plugins { get; set; } = new PluginIdentities();
    }

    /// <summary>The store of faces, and how much is in it.</summary>
    [DataContract]
    public sealed class StoreHealth
    {
        /// <summary><c>embedded</c> or <c>qdrant</c>.</summary>
        [DataMember(Name = "kind", IsRequired = true)]
        public string Kind { get; set; } = "";

        /// <summary>Stored faces; null when the store does not answer.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long? Faces { get; set; }

        /// <summary>Clusters; null when the store does not answer.</summary>
        [DataMember(Name = "clusters", IsRequired = true)]
        public long? Clusters { get; set; }

        /// <summary>
        /// Why the store does not accept photos: it does not answer, its disk is full, or its files are gone; null if
        /// it accepts photos.
        /// </summary>
        [DataMember(Name = "problem", IsRequired = true)]
        public string? Problem { get; set; }
    }

    /// <summary>A network of the active set, for <c>/health</c>.</summary>
    [DataContract]
    public sealed class ModelStatus
    {
        /// <summary>Its name in the manifest.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>What it is for.</summary>
        [DataMember(Name = "role", IsRequired = true)]
        public string Role { get; set; } = "";

        /// <summary>The architecture of the network.</summary>
        [DataMember(Name = "architecture", IsRequired = true)]
        public string Architecture { get; set; } = "";

        /// <summary>In how many bits it computes: <c>fp32</c> or <c>int8</c>.</summary>
        [DataMember(Name = "precision", IsRequired = true)]
        public string Precision { get; set; } = "";

        /// <summary>The device that it runs on.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>Whether the network is in memory; if not, it is loaded when it is next needed.</summary>
        [DataMember(Name = "loaded", IsRequired = true)]
        public bool Loaded { get; set; }

        /// <summary>
        /// For a network that compares photos with prompts, once it has run: what a cosine is multiplied by before a
        /// softmax over prompts; otherwise null.
        /// </summary>
        [DataMember(Name = "logit_scale", EmitDefaultValue = false)]
        public double? LogitScale { get; set; }
    }

    /// <summary>Evidence that a plugin wants, or that a model set can give, besides the faces.</summary>
    [DataContract]
    public sealed class Evidence
    {
        /// <summary>Classes of an image classifier.</summary>
        [DataMember(Name = "labels", IsRequired = true)]
        public bool Labels { get; set; }

        /// <summary>Prompt similarities of a text-image model.</summary>
        [DataMember(Name = "similarities", IsRequired = true)]
        public bool Similarities { get; set; }

        /// <summary>A caption.</summary>
        [DataMember(Name = "caption", IsRequired = true)]
        public bool Caption { get; set; }

        /// <summary>Age and gender of the faces.</summary>
        [DataMember(Name = "demographics", IsRequired = true)]
        public bool Demographics { get; set; }

        /// <summary>The photo's pixels, for a network of the host that the plugin runs.</summary>
        [DataMember(Name = "pixels", IsRequired = true)]
        public bool Pixels { get; set; }

        /// <summary>Similarities of the prompts with the classes' names, as sentences.</summary>
        [DataMember(Name = "text_similarities", IsRequired = true)]
        public bool TextSimilarities { get; set; }

        /// <summary>Objects of an object detector.</summary>
        [DataMember(Name = "objects", IsRequired = true)]
        public bool Objects { get; set; }

        /// <summary>Text that is visible in the photo.</summary>
        [DataMember(Name = "text", IsRequired = true)]
        public bool Text { get; set; }

        /// <summary>Whether the photo was taken inside a building.</summary>
        [DataMember(Name = "surroundings", IsRequired = true)]
        public bool Surroundings { get; set; }
    }
}
