using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>The devices that inference runs on, and why others are not used.</summary>
    [DataContract]
    public sealed class DeviceReport
    {
        /// <summary>The device in use for all roles that <c>DEVICE</c> does not list.</summary>
        [DataMember(Name = "selected", IsRequired = true)]
        public string Selected { get; set; } = "";

        /// <summary>Devices that are not used.</summary>
        [DataMember(Name = "rejected", IsRequired = true)]
        public AnswerList<RejectedDevice> Rejected { get; set; } = new AnswerList<RejectedDevice>();

        /// <summary>The name of the device in use.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>Devices that were used and failed later.</summary>
        [DataMember(Name = "failed", IsRequired = true)]
        public AnswerList<FailedDevice> Failed { get; set; } = new AnswerList<FailedDevice>();

        /// <summary>The machine's hardware, as far as the system reports it without calling drivers.</summary>
        [DataMember(Name = "machine", IsRequired = true)]
        public Machine Machine { get; set; } = new Machine();

        /// <summary>
        /// The providers that could run networks here; empty if <c>DEVICE</c> asks for the processor only.
        /// </summary>
        [DataMember(Name = "providers", IsRequired = true)]
        public AnswerList<ProviderReport> Providers { get; set; } = new AnswerList<ProviderReport>();

        /// <summary>
        /// The devices that were tried, now or at the last start at which something that they depend on had changed.
        /// </summary>
        [DataMember(Name = "trials", IsRequired = true)]
        public AnswerList<DeviceTrial> Trials { get; set; } = new AnswerList<DeviceTrial>();
    }

    /// <summary>A device that is not used.</summary>
    [DataContract]
    public sealed class RejectedDevice
    {
        /// <summary>The device.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>The reason in words.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";

        /// <summary>What kind of reason it is. Such as <c>package_absent</c> or <c>slower</c>.</summary>
        [DataMember(Name = "cause", IsRequired = true)]
        public string Cause { get; set; } = "";
    }

    /// <summary>A device that was used and failed later.</summary>
    [DataContract]
    public sealed class FailedDevice
    {
        /// <summary>The device.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>The network that failed on it.</summary>
        [DataMember(Name = "model", IsRequired = true)]
        public string Model { get; set; } = "";

        /// <summary>What ONNX Runtime said.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";

        /// <summary>Whether the network now runs on the processor instead (<c>DEVICE_FALLBACK=cpu</c>).</summary>
        [DataMember(Name = "on_processor", IsRequired = true)]
        public bool OnProcessor { get; set; }
    }

    /// <summary>What a machine has.</summary>
    [DataContract]
    public sealed class Machine
    {
        /// <summary>The processor.</summary>
        [DataMember(Name = "processor", IsRequired = true)]
        public Processor Processor { get; set; } = new Processor();

        /// <summary>Graphics cards, including those that are part of the processor.</summary>
        [DataMember(Name = "cards", IsRequired = true)]
        public AnswerList<Accelerator> Cards { get; set; } = new AnswerList<Accelerator>();

        /// <summary>Neural processing units.</summary>
        [DataMember(Name = "npus", IsRequired = true)]
        public AnswerList<Accelerator> Npus { get; set; } = new AnswerList<Accelerator>();
    }

    /// <summary>A processor.</summary>
    [DataContract]
    public sealed class Processor
    {
        /// <summary>Its name, as the system gives it.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>Cores that this process may use.</summary>
        [DataMember(Name = "cores", IsRequired = true)]
        public long Cores { get; set; }
    }

    /// <summary>A graphics card or a neural processing unit.</summary>
    [DataContract]
    public sealed class Accelerator
    {
        /// <summary>Its name, as its driver or its maker gives it.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>Its PCI vendor and device id, as <c>8086:46a6</c>; null if the system gives none.</summary>
        [DataMember(Name = "id", IsRequired = true)]
        public string? Id { get; set; }

        /// <summary>Its driver, with the version if it is known; null if no driver is bound to it.</summary>
        [DataMember(Name = "driver", IsRequired = true)]
        public string? Driver { get; set; }

        /// <summary>Why this process may not use it; null if no obstacle is known.</summary>
        [DataMember(Name = "problem", IsRequired = true)]
        public string? Problem { get; set; }
    }

    /// <summary>A provider that could run networks, and whether it is installed.</summary>
    [DataContract]
    public sealed class ProviderReport
    {
        /// <summary>Its name in <c>DEVICE</c>.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>The hardware that it supports.</summary>
        [DataMember(Name = "hardware", IsRequired = true)]
        public string Hardware { get; set; } = "";

        /// <summary>Name and version of its package; null if there is none for this system.</summary>
        [DataMember(Name = "package", IsRequired = true)]
        public string? Package { get; set; }

        /// <summary>
        /// Whether it is installed: <c>present</c>, <c>absent</c>, <c>incomplete</c>, <c>part_of_runtime</c> or
        /// <c>not_packaged</c>.
        /// </summary>
        [DataMember(Name = "state", IsRequired = true)]
        public string State { get; set; } = "";

        /// <summary>The command that installs it; null if it is already installed or not available.</summary>
        [DataMember(Name = "command", IsRequired = true)]
        public string? Command { get; set; }

        /// <summary>Bytes that the command downloads if nothing is installed yet; 0 without a package.</summary>
        [DataMember(Name = "download_bytes", IsRequired = true)]
        public long DownloadBytes { get; set; }

        /// <summary>What it needs from the system and what was not found there.</summary>
        [DataMember(Name = "missing", IsRequired = true)]
        public AnswerList<MissingRequirement> Missing { get; set; } = new AnswerList<MissingRequirement>();
    }

    /// <summary>Something that must be installed on the system, because no package contains it.</summary>
    [DataContract]
    public sealed class MissingRequirement
    {
        /// <summary>What it is.</summary>
        [DataMember(Name = "what", IsRequired = true)]
        public string What { get; set; } = "";

        /// <summary>Whether some hardware does not need it.</summary>
        [DataMember(Name = "optional", IsRequired = true)]
        public bool Optional { get; set; }

        /// <summary>How to install it, per system, such as <c>Fedora: dnf install vulkan-loader</c>.</summary>
        [DataMember(Name = "install", IsRequired = true)]
        public AnswerList<string> Install { get; set; } = new AnswerList<string>();
    }

    /// <summary>A device that was tried.</summary>
    [DataContract]
    public sealed class DeviceTrial
    {
        /// <summary>Its name in <c>DEVICE</c>.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>Which of the devices of that kind it is, from 0.</summary>
        [DataMember(Name = "index", IsRequired = true)]
        public long Index { get; set; }

        /// <summary>Its name.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>Whether the result was kept from an earlier start.</summary>
        [DataMember(Name = "kept", IsRequired = true)]
        public bool Kept { get; set; }

        /// <summary>Whether every network passed that the device is to run.</summary>
        [DataMember(Name = "passed", IsRequired = true)]
        public bool Passed { get; set; }

        /// <summary>Milliseconds for one image in each network, added up; 0 if none ran.</summary>
        [DataMember(Name = "milliseconds", IsRequired = true)]
        public double Milliseconds { get; set; }

        /// <summary>The same time on the processor, for the same networks.</summary>
        [DataMember(Name = "processor_milliseconds", IsRequired = true)]
        public double ProcessorMilliseconds { get; set; }

        /// <summary>The networks.</summary>
        [DataMember(Name = "networks", IsRequired = true)]
        public AnswerList<NetworkReport> Networks { get; set; } = new AnswerList<NetworkReport>();
    }

    /// <summary>The result of one network on a device.</summary>
    [DataContract]
    public sealed class NetworkReport
    {
        /// <summary>Its name.</summary>
        [DataMember(Name = "model", IsRequired = true)]
        public string Model { get; set; } = "";

        /// <summary>Why the network did not pass; null if it passed.</summary>
        [DataMember(Name = "problem", IsRequired = true)]
        public string? Problem { get; set; }

        /// <summary>
        /// How many nodes of its graph ran on the device, after ONNX Runtime fused nodes. A provider that compiles
        /// graphs runs each compiled part as one node.
        /// </summary>
        [DataMember(Name = "nodes_on_device", IsRequired = true)]
        public long NodesOnDevice { get; set; }

        /// <summary>Those that ran on the processor.</summary>
        [DataMember(Name = "nodes_on_processor", IsRequired = true)]
        public long NodesOnProcessor { get; set; }

        /// <summary>
        /// The largest difference from the processor's answer: for vectors, 1 minus the cosine similarity; otherwise
        /// relative to the largest value.
        /// </summary>
        [DataMember(Name = "difference", IsRequired = true)]
        public double Difference { get; set; }

        /// <summary>The number of images per inference that was measured to be fastest.</summary>
        [DataMember(Name = "batch", IsRequired = true)]
        public long Batch { get; set; }

        /// <summary>Milliseconds per image with that number of images.</summary>
        [DataMember(Name = "milliseconds", IsRequired = true)]
        public double Milliseconds { get; set; }
    }
}
