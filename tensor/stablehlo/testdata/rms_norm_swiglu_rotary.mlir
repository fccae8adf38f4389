module @rms_norm_swiglu_rotary {
  func.func public @main(%arg0: tensor<2x3x20xf32> loc("in0"), %arg1: tensor<20xf32> loc("in1"), %arg2: tensor<2x3xi32> loc("in2"), %arg3: tensor<9x4xf32> loc("in3")) -> (tensor<2x3x10xf32>, tensor<2x3x20xf32>, tensor<20xf32>) {
    %0 = stablehlo.multiply %arg0, %arg0 : tensor<2x3x20xf32>
    %1 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %2 = stablehlo.reduce(%0 init: %1) applies stablehlo.add across dimensions = [2] : (tensor<2x3x20xf32>, tensor<f32>) -> tensor<2x3xf32>
    %3 = stablehlo.constant dense<0x3D4CCCCD> : tensor<2x3xf32>
    %4 = stablehlo.multiply %2, %3 : tensor<2x3xf32>
    %5 = stablehlo.constant dense<0x358637BD> : tensor<2x3xf32>
    %6 = stablehlo.add %4, %5 : tensor<2x3xf32>
    %7 = stablehlo.rsqrt %6 : tensor<2x3xf32>
    %8 = stablehlo.broadcast_in_dim %7, dims = [0, 1] : (tensor<2x3xf32>) -> tensor<2x3x20xf32>
    %9 = stablehlo.multiply %arg0, %8 : tensor<2x3x20xf32>
    %10 = stablehlo.broadcast_in_dim %arg1, dims = [2] : (tensor<20xf32>) -> tensor<2x3x20xf32>
    %11 = stablehlo.multiply %9, %10 : tensor<2x3x20xf32>
    %12 = "stablehlo.gather"(%arg3, %arg2) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 4>, indices_are_sorted = false}> : (tensor<9x4xf32>, tensor<2x3xi32>) -> tensor<2x3x4xf32>
    %13 = stablehlo.slice %12 [0:2, 0:3, 0:2] : (tensor<2x3x4xf32>) -> tensor<2x3x2xf32>
    %14 = stablehlo.broadcast_in_dim %13, dims = [0, 1, 3] : (tensor<2x3x2xf32>) -> tensor<2x3x3x2xf32>
    %15 = stablehlo.slice %12 [0:2, 0:3, 2:4] : (tensor<2x3x4xf32>) -> tensor<2x3x2xf32>
    %16 = stablehlo.broadcast_in_dim %15, dims = [0, 1, 3] : (tensor<2x3x2xf32>) -> tensor<2x3x3x2xf32>
    %17 = stablehlo.slice %11 [0:2, 0:3, 0:12] : (tensor<2x3x20xf32>) -> tensor<2x3x12xf32>
    %18 = stablehlo.reshape %17 : (tensor<2x3x12xf32>) -> tensor<2x3x3x4xf32>
    %19 = stablehlo.slice %18 [0:2, 0:3, 0:3, 0:2] : (tensor<2x3x3x4xf32>) -> tensor<2x3x3x2xf32>
    %20 = stablehlo.slice %18 [0:2, 0:3, 0:3, 2:4] : (tensor<2x3x3x4xf32>) -> tensor<2x3x3x2xf32>
    %21 = stablehlo.multiply %19, %14 : tensor<2x3x3x2xf32>
    %22 = stablehlo.multiply %20, %16 : tensor<2x3x3x2xf32>
    %23 = stablehlo.subtract %21, %22 : tensor<2x3x3x2xf32>
    %24 = stablehlo.multiply %20, %14 : tensor<2x3x3x2xf32>
    %25 = stablehlo.multiply %19, %16 : tensor<2x3x3x2xf32>
    %26 = stablehlo.add %24, %25 : tensor<2x3x3x2xf32>
    %27 = stablehlo.concatenate %23, %26, dim = 3 : (tensor<2x3x3x2xf32>, tensor<2x3x3x2xf32>) -> tensor<2x3x3x4xf32>
    %28 = stablehlo.reshape %27 : (tensor<2x3x3x4xf32>) -> tensor<2x3x12xf32>
    %29 = stablehlo.slice %11 [0:2, 0:3, 12:20] : (tensor<2x3x20xf32>) -> tensor<2x3x8xf32>
    %30 = stablehlo.concatenate %28, %29, dim = 2 : (tensor<2x3x12xf32>, tensor<2x3x8xf32>) -> tensor<2x3x20xf32>
    %31 = stablehlo.slice %30 [0:2, 0:3, 0:10] : (tensor<2x3x20xf32>) -> tensor<2x3x10xf32>
    %32 = stablehlo.slice %30 [0:2, 0:3, 10:20] : (tensor<2x3x20xf32>) -> tensor<2x3x10xf32>
    %33 = stablehlo.logistic %31 : tensor<2x3x10xf32>
    %34 = stablehlo.multiply %31, %33 : tensor<2x3x10xf32>
    %35 = stablehlo.multiply %34, %32 : tensor<2x3x10xf32>
    %36 = stablehlo.constant dense<0x3F800000> : tensor<f32>
    %37 = stablehlo.broadcast_in_dim %36, dims = [] : (tensor<f32>) -> tensor<2x3x10xf32>
    %38 = stablehlo.multiply %37, %35 : tensor<2x3x10xf32>
    %39 = stablehlo.multiply %37, %35 : tensor<2x3x10xf32>
    %40 = stablehlo.add %38, %39 : tensor<2x3x10xf32>
    %41 = stablehlo.slice %30 [0:2, 0:3, 0:10] : (tensor<2x3x20xf32>) -> tensor<2x3x10xf32>
    %42 = stablehlo.slice %30 [0:2, 0:3, 10:20] : (tensor<2x3x20xf32>) -> tensor<2x3x10xf32>
    %43 = stablehlo.logistic %41 : tensor<2x3x10xf32>
    %44 = stablehlo.multiply %41, %43 : tensor<2x3x10xf32>
    %45 = stablehlo.multiply %40, %42 : tensor<2x3x10xf32>
    %46 = stablehlo.multiply %40, %44 : tensor<2x3x10xf32>
    %47 = stablehlo.multiply %45, %43 : tensor<2x3x10xf32>
    %48 = stablehlo.multiply %45, %41 : tensor<2x3x10xf32>
    %49 = stablehlo.constant dense<0x3F800000> : tensor<2x3x10xf32>
    %50 = stablehlo.subtract %49, %43 : tensor<2x3x10xf32>
    %51 = stablehlo.multiply %43, %50 : tensor<2x3x10xf32>
    %52 = stablehlo.multiply %48, %51 : tensor<2x3x10xf32>
    %53 = stablehlo.add %47, %52 : tensor<2x3x10xf32>
    %54 = stablehlo.constant dense<0x00000000> : tensor<2x3x10xf32>
    %55 = stablehlo.concatenate %54, %46, dim = 2 : (tensor<2x3x10xf32>, tensor<2x3x10xf32>) -> tensor<2x3x20xf32>
    %56 = stablehlo.constant dense<0x00000000> : tensor<2x3x10xf32>
    %57 = stablehlo.concatenate %53, %56, dim = 2 : (tensor<2x3x10xf32>, tensor<2x3x10xf32>) -> tensor<2x3x20xf32>
    %58 = stablehlo.add %55, %57 : tensor<2x3x20xf32>
    %59 = "stablehlo.gather"(%arg3, %arg2) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, slice_sizes = array<i64: 1, 4>, indices_are_sorted = false}> : (tensor<9x4xf32>, tensor<2x3xi32>) -> tensor<2x3x4xf32>
    %60 = stablehlo.slice %59 [0:2, 0:3, 0:2] : (tensor<2x3x4xf32>) -> tensor<2x3x2xf32>
    %61 = stablehlo.broadcast_in_dim %60, dims = [0, 1, 3] : (tensor<2x3x2xf32>) -> tensor<2x3x3x2xf32>
    %62 = stablehlo.slice %59 [0:2, 0:3, 2:4] : (tensor<2x3x4xf32>) -> tensor<2x3x2xf32>
    %63 = stablehlo.broadcast_in_dim %62, dims = [0, 1, 3] : (tensor<2x3x2xf32>) -> tensor<2x3x3x2xf32>
    %64 = stablehlo.negate %63 : tensor<2x3x3x2xf32>
    %65 = stablehlo.slice %58 [0:2, 0:3, 0:12] : (tensor<2x3x20xf32>) -> tensor<2x3x12xf32>
    %66 = stablehlo.reshape %65 : (tensor<2x3x12xf32>) -> tensor<2x3x3x4xf32>
    %67 = stablehlo.slice %66 [0:2, 0:3, 0:3, 0:2] : (tensor<2x3x3x4xf32>) -> tensor<2x3x3x2xf32>
    %68 = stablehlo.slice %66 [0:2, 0:3, 0:3, 2:4] : (tensor<2x3x3x4xf32>) -> tensor<2x3x3x2xf32>
    %69 = stablehlo.multiply %67, %61 : tensor<2x3x3x2xf32>
    %70 = stablehlo.multiply %68, %64 : tensor<2x3x3x2xf32>
    %71 = stablehlo.subtract %69, %70 : tensor<2x3x3x2xf32>
    %72 = stablehlo.multiply %68, %61 : tensor<2x3x3x2xf32>
    %73 = stablehlo.multiply %67, %64 : tensor<2x3x3x2xf32>
    %74 = stablehlo.add %72, %73 : tensor<2x3x3x2xf32>
    %75 = stablehlo.concatenate %71, %74, dim = 3 : (tensor<2x3x3x2xf32>, tensor<2x3x3x2xf32>) -> tensor<2x3x3x4xf32>
    %76 = stablehlo.reshape %75 : (tensor<2x3x3x4xf32>) -> tensor<2x3x12xf32>
    %77 = stablehlo.slice %58 [0:2, 0:3, 12:20] : (tensor<2x3x20xf32>) -> tensor<2x3x8xf32>
    %78 = stablehlo.concatenate %76, %77, dim = 2 : (tensor<2x3x12xf32>, tensor<2x3x8xf32>) -> tensor<2x3x20xf32>
    %79 = stablehlo.multiply %arg0, %arg0 : tensor<2x3x20xf32>
    %80 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %81 = stablehlo.reduce(%79 init: %80) applies stablehlo.add across dimensions = [2] : (tensor<2x3x20xf32>, tensor<f32>) -> tensor<2x3xf32>
    %82 = stablehlo.constant dense<0x3D4CCCCD> : tensor<2x3xf32>
    %83 = stablehlo.multiply %81, %82 : tensor<2x3xf32>
    %84 = stablehlo.constant dense<0x358637BD> : tensor<2x3xf32>
    %85 = stablehlo.add %83, %84 : tensor<2x3xf32>
    %86 = stablehlo.rsqrt %85 : tensor<2x3xf32>
    %87 = stablehlo.broadcast_in_dim %86, dims = [0, 1] : (tensor<2x3xf32>) -> tensor<2x3x20xf32>
    %88 = stablehlo.multiply %arg0, %87 : tensor<2x3x20xf32>
    %89 = stablehlo.broadcast_in_dim %arg1, dims = [2] : (tensor<20xf32>) -> tensor<2x3x20xf32>
    %90 = stablehlo.multiply %78, %89 : tensor<2x3x20xf32>
    %91 = stablehlo.multiply %78, %88 : tensor<2x3x20xf32>
    %92 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %93 = stablehlo.reduce(%91 init: %92) applies stablehlo.add across dimensions = [0, 1] : (tensor<2x3x20xf32>, tensor<f32>) -> tensor<20xf32>
    %94 = stablehlo.multiply %90, %87 : tensor<2x3x20xf32>
    %95 = stablehlo.multiply %90, %arg0 : tensor<2x3x20xf32>
    %96 = stablehlo.constant dense<0x00000000> : tensor<f32>
    %97 = stablehlo.reduce(%95 init: %96) applies stablehlo.add across dimensions = [2] : (tensor<2x3x20xf32>, tensor<f32>) -> tensor<2x3xf32>
    %98 = stablehlo.divide %86, %85 : tensor<2x3xf32>
    %99 = stablehlo.constant dense<0xBF000000> : tensor<2x3xf32>
    %100 = stablehlo.multiply %98, %99 : tensor<2x3xf32>
    %101 = stablehlo.multiply %97, %100 : tensor<2x3xf32>
    %102 = stablehlo.constant dense<0x3D4CCCCD> : tensor<2x3xf32>
    %103 = stablehlo.multiply %101, %102 : tensor<2x3xf32>
    %104 = stablehlo.broadcast_in_dim %103, dims = [0, 1] : (tensor<2x3xf32>) -> tensor<2x3x20xf32>
    %105 = stablehlo.multiply %104, %arg0 : tensor<2x3x20xf32>
    %106 = stablehlo.multiply %104, %arg0 : tensor<2x3x20xf32>
    %107 = stablehlo.add %94, %105 : tensor<2x3x20xf32>
    %108 = stablehlo.add %107, %106 : tensor<2x3x20xf32>
    return %35, %108, %93 : tensor<2x3x10xf32>, tensor<2x3x20xf32>, tensor<20xf32>
  }
}
