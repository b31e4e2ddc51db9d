using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>Where inference runs, and why nowhere better.</summary>
    [DataContract]
    public sealed class DeviceReport
    {
        /// <summary>The device in use, for the roles that <c>DEVICE</c> does not name.</summary>
        [DataMember(Name = "selected", IsRequired = true)]
        public string Selected { get; set; } = "";

        /// <summary>What was not taken.</summary>
        [DataMember(Name = "rejected", IsRequired = true)]
        public AnswerList<RejectedDevice> Rejected { get; set; } = new AnswerList<RejectedDevice>();

        /// <summary>What the device in use is called.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>Devices that were taken and failed since.</summary>
        [DataMember(Name = "failed", IsRequired = true)]
        public AnswerList<FailedDevice> Failed { get; set; } = new AnswerList<FailedDevice>();

        /// <summary>What the machine has, as far as the system tells without calling drivers.</summary>
        [DataMember(Name = "machine", IsRequired = true)]
        public Machine Machine { get; set; } = new Machine();

        /// <summary>What could run networks here; empty where <c>DEVICE</c> asks for the processor only.</summary>
        [DataMember(Name = "providers", IsRequired = true)]
        public AnswerList<ProviderReport> Providers { get; set; } = new AnswerList<ProviderReport>();

        /// <summary>The devices that were tried, now or when what they depend on was last changed.</summary>
        [DataMember(Name = "trials", IsRequired = true)]
        public AnswerList<DeviceTrial> Trials { get; set; } = new AnswerList<DeviceTrial>();
    }

    /// <summary>A device that was not taken.</summary>
    [DataContract]
    public sealed class RejectedDevice
    {
        /// <summary>The device.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>Why, in words.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";

        /// <summary>What kind of reason it is. Such as <c>package_absent</c> or <c>slower</c>.</summary>
        [DataMember(Name = "cause", IsRequired = true)]
        public string Cause { get; set; } = "";
    }

    /// <summary>A device that was taken and failed since.</summary>
    [DataContract]
    public sealed class FailedDevice
    {
        /// <summary>The device.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>The network that it failed on.</summary>
        [DataMember(Name = "model", IsRequired = true)]
        public string Model { get; set; } = "";

        /// <summary>What ONNX Runtime said.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";

        /// <summary>Whether the network goes on on the processor (<c>DEVICE_FALLBACK=cpu</c>).</summary>
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

        /// <summary>Graphics cards, also those within the processor.</summary>
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
        /// <summary>What the system calls it.</summary>
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
        /// <summary>What its driver or its maker calls it.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>
        /// The numbers of its maker and of its model on the bus (PCI), as <c>8086:46a6</c>; none where the system names
        /// none.
        /// </summary>
        [DataMember(Name = "id", IsRequired = true)]
        public string? Id { get; set; }

        /// <summary>Its driver, with the version where that is told; none where no driver has it.</summary>
        [DataMember(Name = "driver", IsRequired = true)]
        public string? Driver { get; set; }

        /// <summary>Why this process may not use it; none when nothing is known to be in the way.</summary>
        [DataMember(Name = "problem", IsRequired = true)]
        public string? Problem { get; set; }
    }

    /// <summary>What could run networks, and what of it is here.</summary>
    [DataContract]
    public sealed class ProviderReport
    {
        /// <summary>What it is called in <c>DEVICE</c>.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>The hardware that it is for.</summary>
        [DataMember(Name = "hardware", IsRequired = true)]
        public string Hardware { get; set; } = "";

        /// <summary>Name and version of its package; none where there is none for this system.</summary>
        [DataMember(Name = "package", IsRequired = true)]
        public string? Package { get; set; }

        /// <summary>
        /// What of it is here. <c>present</c>, <c>absent</c>, <c>incomplete</c>, <c>part_of_runtime</c> or
        /// <c>not_packaged</c>.
        /// </summary>
        [DataMember(Name = "state", IsRequired = true)]
        public string State { get; set; } = "";

        /// <summary>The command that brings it; none where it is here, or is not to be had.</summary>
        [DataMember(Name = "command", IsRequired = true)]
        public string? Command { get; set; }

        /// <summary>Bytes that the command downloads when nothing is here; 0 without a package.</summary>
        [DataMember(Name = "download_bytes", IsRequired = true)]
        public long DownloadBytes { get; set; }

        /// <summary>What it needs of the system and was not found.</summary>
        [DataMember(Name = "missing", IsRequired = true)]
        public AnswerList<MissingRequirement> Missing { get; set; } = new AnswerList<MissingRequirement>();
    }

    /// <summary>Something that no package brings.</summary>
    [DataContract]
    public sealed class MissingRequirement
    {
        /// <summary>What it is.</summary>
        [DataMember(Name = "what", IsRequired = true)]
        public string What { get; set; } = "";

        /// <summary>Whether there is hardware that does without it.</summary>
        [DataMember(Name = "optional", IsRequired = true)]
        public bool Optional { get; set; }

        /// <summary>What installs it, by system: <c>Fedora: dnf install vulkan-loader</c>.</summary>
        [DataMember(Name = "install", IsRequired = true)]
        public AnswerList<string> Install { get; set; } = new AnswerList<string>();
    }

    /// <summary>A device that was tried.</summary>
    [DataContract]
    public sealed class DeviceTrial
    {
        /// <summary>What it is called in <c>DEVICE</c>.</summary>
        [DataMember(Name = "device", IsRequired = true)]
        public string Device { get; set; } = "";

        /// <summary>Which of the devices of that kind it is, from 0.</summary>
        [DataMember(Name = "index", IsRequired = true)]
        public long Index { get; set; }

        /// <summary>What it is called.</summary>
        [DataMember(Name = "name", IsRequired = true)]
        public string Name { get; set; } = "";

        /// <summary>Whether the result was kept from an earlier start.</summary>
        [DataMember(Name = "kept", IsRequired = true)]
        public bool Kept { get; set; }

        /// <summary>Whether every network that it is asked to run passed.</summary>
        [DataMember(Name = "passed", IsRequired = true)]
        public bool Passed { get; set; }

        /// <summary>Milliseconds for one image of each network, all added up; 0 where none ran.</summary>
        [DataMember(Name = "milliseconds", IsRequired = true)]
        public double Milliseconds { get; set; }

        /// <summary>The same on the processor, of the same networks.</summary>
        [DataMember(Name = "processor_milliseconds", IsRequired = true)]
        public double ProcessorMilliseconds { get; set; }

        /// <summary>The networks.</summary>
        [DataMember(Name = "networks", IsRequired = true)]
        public AnswerList<NetworkReport> Networks { get; set; } = new AnswerList<NetworkReport>();
    }

    /// <summary>How a network did on a device.</summary>
    [DataContract]
    public sealed class NetworkReport
    {
        /// <summary>Its name.</summary>
        [DataMember(Name = "model", IsRequired = true)]
        public string Model { get; set; } = "";

        /// <summary>Why it did not pass; none when it did.</summary>
        [DataMember(Name = "problem", IsRequired = true)]
        public string? Problem { get; set; }

        /// <summary>
        /// The nodes of its graph that ran on the device, after ONNX Runtime has put nodes together. What compiles graphs
        /// runs all that it took as one node.
        /// </summary>
        [DataMember(Name = "nodes_on_device", IsRequired = true)]
        public long NodesOnDevice { get; set; }

        /// <summary>Those that ran on the processor.</summary>
        [DataMember(Name = "nodes_on_processor", IsRequired = true)]
        public long NodesOnProcessor { get; set; }

        /// <summary>
        /// The largest difference from the processor's answer: 1 less the cosine of vectors, otherwise in parts of the
        /// largest value.
        /// </summary>
        [DataMember(Name = "difference", IsRequired = true)]
        public double Difference { get; set; }

        /// <summary>How many images in an inference pay.</summary>
        [DataMember(Name = "batch", IsRequired = true)]
        public long Batch { get; set; }

        /// <summary>Milliseconds for an image then.</summary>
        [DataMember(Name = "milliseconds", IsRequired = true)]
        public double Milliseconds { get; set; }
    }
}
